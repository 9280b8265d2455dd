package dev.confab.replay;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What a command line runs in.
 *
 * @param out for results
 * @param err for progress, notes and errors
 * @param isTerminal whether {@code err} is one
 * @param who ran it, for the audit file
 * @param connect opens what the options name
 */
record World(
    PrintWriter out,
    PrintWriter err,
    BufferedReader in,
    boolean isTerminal,
    String who,
    Clock clock,
    Pause pause,
    RandomGenerator random,
    Supplier<UUID> ids,
    Executor executor,
    Stop stop,
    Function<Target, Services> connect) {}
