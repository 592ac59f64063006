/** The tests of the storage of the HTTP cache: by a client, against a server on the loopback interface. */
package org.blobarena.httpclient;
