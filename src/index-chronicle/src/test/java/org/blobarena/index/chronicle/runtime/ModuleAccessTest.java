package org.blobarena.index.chronicle.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ModuleAccessTest {

    @Test
    void ensureOpenOpensWhatIsNeededAndMayBeRepeated() {
        ModuleAccess.ensureOpen();
        ModuleAccess.ensureOpen();
        Module base = Object.class.getModule();
        Module own = ModuleAccess.class.getModule();
        assertThat(base.isOpen("java.lang", own)).isTrue();
        assertThat(base.isOpen("java.lang.reflect", own)).isTrue();
        assertThat(base.isOpen("sun.nio.ch", own)).isTrue();
    }

    @Test
    void flagsNameEveryPackage() {
        assertThat(ModuleAccess.flags())
                .isEqualTo("--add-opens java.base/java.lang=ALL-UNNAMED"
                        + " --add-opens java.base/java.lang.reflect=ALL-UNNAMED"
                        + " --add-opens java.base/sun.nio.ch=ALL-UNNAMED");
    }
}
