/** Tests of what notices leaks. */
package org.blobarena.store.internal.core.leak;
