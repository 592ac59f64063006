/** Programs that embed the library in the ways that users do: modules, one jar, jars in a jar, an image of a JDK. */
@NullMarked
package org.blobarena.embedding;

import org.jspecify.annotations.NullMarked;
