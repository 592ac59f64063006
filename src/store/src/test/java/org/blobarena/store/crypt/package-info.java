/** Tests of encrypted stores. */
package org.blobarena.store.crypt;
