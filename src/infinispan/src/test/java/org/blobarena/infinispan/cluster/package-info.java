/** A cluster of processes, of which some are killed under load. */
package org.blobarena.infinispan.cluster;
