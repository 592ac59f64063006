/** The command line of BlobArena. */
module org.blobarena.cli {
    requires info.picocli;
    requires java.management;
    requires me.tongfei.progressbar;
    requires org.apache.commons.io;
    requires org.blobarena;
    requires org.blobarena.arena;
    requires org.slf4j;
    requires static org.jspecify;

    opens org.blobarena.cli to
            info.picocli;
}
