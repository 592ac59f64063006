/**
 * A store as somebody sees it who only reads, while another process writes to it or nobody does.
 *
 * <p>Its one job is to find, at one moment and then at a later one, what an opening would find had the writer been killed
 * there, and to change nothing in the directory. {@link org.blobarena.store.internal.follow.Follower} says how. It stands on
 * recovery, whose verdicts it shares.
 *
 * <p>Threads: one at a time follows; what reads its files and its index does so from any thread meanwhile.
 */
@NullMarked
package org.blobarena.store.internal.follow;

import org.jspecify.annotations.NullMarked;
