/** Crashes and faults at every step: simulated devices, and processes that are killed. */
package org.blobarena.store.crash;
