/** What tests of every module share: processes of their own, and inputs of fuzzers. */
package org.blobarena.testing;
