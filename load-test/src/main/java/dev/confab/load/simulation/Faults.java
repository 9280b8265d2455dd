package dev.confab.load.simulation;

import java.time.Instant;

/**
 * What goes wrong in a run, and how often: drawn once for each seed, some of them zero, since two
 * faults that are rare together are never seen when all are likely. Until {@link #end}, outages
 * come and go.
 */
final class Faults {
  /** Of a call of the table, the stream, a queue or {@code @connections}: nothing happens. */
  final double notDone;

  /** Of a call: it happens, and the caller learns that it failed. */
  final double unanswered;

  /** Of an item of a batch. */
  final double unprocessed;

  /** That a process dies at a call of its own. */
  final double crash;

  /** That a process stands still at a call of its own. */
  final double freeze;

  /** That an answer to a client is lost. */
  final double lostAnswer;

  /** Of a POST: 429, 500, a connection reset or no answer. */
  final double push;

  private boolean isOver;
  private Instant tableDownUntil = Instant.MIN;
  private Instant queueDownUntil = Instant.MIN;
  private Instant endpointDownUntil = Instant.MIN;
  private Instant streamDownUntil = Instant.MIN;

  Faults(Chance chance) {
    notDone = some(chance, 0.15);
    unanswered = some(chance, 0.1);
    unprocessed = some(chance, 0.4);
    crash = some(chance, 0.004);
    freeze = some(chance, 0.003);
    lostAnswer = some(chance, 0.2);
    push = some(chance, 0.25);
  }

  private static double some(Chance chance, double most) {
    return chance.of(0.4) ? 0 : most * chance.random().nextDouble();
  }

  /** Nothing goes wrong any more. */
  void end() {
    isOver = true;
  }

  boolean isOver() {
    return isOver;
  }

  double likelihood(double of) {
    return isOver ? 0 : of;
  }

  /** What can be down for a while. */
  enum Service {
    TABLE,
    QUEUE,
    ENDPOINT,
    STREAM
  }

  void takeDown(Service service, Instant until) {
    switch (service) {
      case TABLE -> tableDownUntil = until;
      case QUEUE -> queueDownUntil = until;
      case ENDPOINT -> endpointDownUntil = until;
      case STREAM -> streamDownUntil = until;
    }
  }

  boolean isDown(Service service, Instant now) {
    Instant until =
        switch (service) {
          case TABLE -> tableDownUntil;
          case QUEUE -> queueDownUntil;
          case ENDPOINT -> endpointDownUntil;
          case STREAM -> streamDownUntil;
        };
    return !isOver && now.isBefore(until);
  }
}
