/** Tests of events. */
package org.blobarena.store.internal.watch;
