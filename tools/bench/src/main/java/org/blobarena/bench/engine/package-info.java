/**
 * The stores that are compared, each behind {@link org.blobarena.bench.engine.Engine} and configured for the same work: put
 * and get of whole blobs by a key of 24 bytes, without a force per put. {@link org.blobarena.bench.engine.Engines} lists them.
 * A peer keeps its defaults but where its adapter says why not.
 */
package org.blobarena.bench.engine;
