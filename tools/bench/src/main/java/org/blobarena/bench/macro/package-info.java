/**
 * The workloads, each run in a fresh JVM for each engine, and what is made of their figures. {@code Main} starts a {@code
 * CaseMain} for each case, which runs one {@code Workload} and prints what it measured; a case that was disturbed by other
 * processes is run again.
 */
package org.blobarena.bench.macro;
