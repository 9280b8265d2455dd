/**
 * The whole system in a world of one seed, one thing at a time. {@link
 * dev.confab.load.simulation.Simulation} runs a seed, {@link dev.confab.load.simulation.Seeds}
 * many.
 *
 * <p>Real: the shard runs (retries, letters, checkpoints, strict de-aggregation), both stages, the
 * routes with the frames' codecs, the replayer's judgement, and the clients' rules.
 *
 * <p>Simulated: the stream with its shards, splits and merges; the table, by the stores in memory
 * that pass the contract tests of the real ones, reached by calls that take time, fail, are done
 * and not answered, or are done in part; both queues; {@code @connections}; sockets; the clocks, a
 * little apart; and the processes, each of which may die or stand still before and after each of
 * its calls.
 *
 * <p>Not here, since it can't run without KCL or AWS: KCL itself, whose leases {@code Application}
 * does once more, and the thin classes that adapt the shard run to it; the classes that speak to
 * AWS, such as the one that turns a letter too large for SQS into a pointer; Lambda and API
 * Gateway; the replayer's command line. A process' calls come one after the other, never side by
 * side: its executor runs what it is given at once.
 */
@NullMarked
package dev.confab.load.simulation;

import org.jspecify.annotations.NullMarked;
