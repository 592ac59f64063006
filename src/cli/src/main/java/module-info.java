/** The command line of BlobArena. */
@SuppressWarnings("requires-automatic") // jwarc has no name but that of its jar.
module org.blobarena.cli {
    requires info.picocli;
    requires java.management;
    requires jwarc;
    requires me.tongfei.progressbar;
    requires org.apache.commons.compress;
    requires org.apache.commons.io;
    requires org.blobarena;
    requires org.blobarena.arena;
    requires org.slf4j;
    requires static org.jspecify;

    opens org.blobarena.cli to
            info.picocli;
    opens org.blobarena.cli.archive to
            info.picocli;
    opens org.blobarena.cli.text to
            info.picocli;
}
