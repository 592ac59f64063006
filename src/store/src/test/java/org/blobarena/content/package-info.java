/** Tests of content stores and sets of what was seen. */
package org.blobarena.content;
