/**
 * The HTTP cache of Apache HttpClient 5 on {@link org.blobarena.cache.BlobCache}: responses that stay on disk, bounded in
 * bytes.
 *
 * <p>Threads: everything is safe for use by multiple threads.
 */
@NullMarked
package org.blobarena.httpclient;

import org.jspecify.annotations.NullMarked;
