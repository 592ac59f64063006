package org.blobarena.index;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class HeapLocationIndexTest extends LocationIndexContract {

    @Override
    protected LocationIndexFactory factory() {
        return HeapLocationIndexFactory.remembering();
    }

    @Test
    void forgettingFactoryNeverReopens() throws IOException {
        LocationIndexFactory forgetting = HeapLocationIndexFactory.forgetting();
        String name = forgetting.create(directory, 0).closeForReopening();
        assertThatThrownBy(() -> forgetting.open(directory, name, 0)).isInstanceOf(IOException.class);
    }
}
