package org.blobarena.examples;

import java.io.IOException;

/** A walk through linked pages whose text stays on disk. */
final class GraphExample implements Example {

    @Override
    public void run(Input input, Figures figures) throws IOException {
        HtmlTree tree = HtmlTree.of(input.sources());
        figures.say("Pages of HTML below %s", tree.root());
        int pages = tree.pages(Integer.MAX_VALUE).size();
        figures.figure("pages", "%,d", pages);
        figures.check(pages > 0, "there are pages");
    }
}
