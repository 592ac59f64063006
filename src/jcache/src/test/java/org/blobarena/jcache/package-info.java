/** Tests of the provider that those of JSR 107 do not have: what stays on disk, what is promised of threads, and misuse. */
package org.blobarena.jcache;
