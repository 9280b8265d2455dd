/**
 * The stages' real code in a world of one seed: stream, table, queues, connections, time and
 * crashes are simulated, and one thing happens at a time. {@link
 * dev.confab.load.simulation.Simulation} runs a seed, {@link dev.confab.load.simulation.Seeds}
 * many.
 */
@NullMarked
package dev.confab.load.simulation;

import org.jspecify.annotations.NullMarked;
