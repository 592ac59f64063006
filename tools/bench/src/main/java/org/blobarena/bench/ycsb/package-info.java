/** What the client of YCSB needs to run its workloads on the engines. */
package org.blobarena.bench.ycsb;
