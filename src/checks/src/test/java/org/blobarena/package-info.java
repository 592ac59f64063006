/** Tests of the whole: its architecture, its sizes and its documents. */
package org.blobarena;
