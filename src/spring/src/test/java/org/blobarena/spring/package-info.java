/** The tests of the cache manager of Spring. */
package org.blobarena.spring;
