/** Tests of the meters, in registries that keep them in memory. */
package org.blobarena.micrometer;
