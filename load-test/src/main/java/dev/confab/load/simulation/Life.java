package dev.confab.load.simulation;

import dev.confab.events.Entry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * One process while it lives. Everything it does to the world goes through {@link #step}, where it
 * may die or stand still, so that a crash or a freeze comes between any two of its calls.
 */
final class Life {
  private static final Duration LONGEST_CALL = Duration.ofMillis(20);
  private static final Duration SHORTEST_FREEZE = Duration.ofSeconds(2);
  private static final Duration FAILED_OVER = Duration.ofSeconds(13);
  private static final Duration LONGEST_FREEZE = Duration.ofSeconds(40);

  private static final int WRITES_ARE_RISKIER = 4;

  /** Of two machines that keep their clocks by NTP, with room. */
  static final Duration MAX_SKEW = Duration.ofSeconds(1);

  private final String name;
  private final World world;
  private final boolean isMortal;
  private final boolean isMended;
  private final Clock clock;
  private boolean isDead;
  private Instant frozenUntil = Instant.MIN;

  /**
   * @param isMortal whether it may die and stand still by itself
   */
  Life(String name, World world, boolean isMortal) {
    this.name = name;
    this.world = world;
    this.isMortal = isMortal;
    this.isMended = world.isPersistMended();
    this.clock = Clock.offset(world.fibers, world.chance.between(MAX_SKEW.negated(), MAX_SKEW));
  }

  String name() {
    return name;
  }

  /** Its own, which is a little fast or slow. */
  Clock clock() {
    return clock;
  }

  /** Whether the table refuses an entry as this process writes it. */
  boolean isRefused(Entry entry) {
    return !isMended
        && entry instanceof Entry.Posted posted
        && posted.text().startsWith(World.REFUSED_TEXT);
  }

  boolean isDead() {
    return isDead;
  }

  boolean isFrozen() {
    return world.fibers.instant().isBefore(frozenUntil);
  }

  void die() {
    if (!isDead) {
      isDead = true;
      world.note(Incident.CRASH);
      world.trace.add(name + " dies");
    }
  }

  /** The run has come to its end, and with it the process. */
  void end() {
    isDead = true;
  }

  void freeze() {
    freeze(SHORTEST_FREEZE);
  }

  /** Long enough that another has its shards when it wakes up. */
  void freezeUntilItIsAZombie() {
    freeze(FAILED_OVER);
  }

  private void freeze(Duration shortest) {
    Duration time = world.chance.between(shortest, LONGEST_FREEZE);
    frozenUntil = world.fibers.instant().plus(time);
    world.note(Incident.FREEZE);
    world.trace.add(name + " stands still for " + time);
  }

  /** Wakes up. */
  void thaw() {
    frozenUntil = Instant.MIN;
  }

  /** Between two effects: time passes, and the process may not come out of it. */
  void step() {
    step(1);
  }

  /** Before something is changed for good: what comes too late there does the most harm. */
  void stepToAWrite() {
    step(WRITES_ARE_RISKIER);
  }

  private void step(int risk) {
    check();
    if (isMortal && world.chance.of(risk * world.faults.likelihood(world.faults.crash))) {
      die();
      throw new Crashed();
    }
    if (isMortal && world.chance.of(risk * world.faults.likelihood(world.faults.freeze))) {
      freeze();
    }
    if (world.chance.of(0.5)) {
      sleep(world.chance.upTo(LONGEST_CALL));
    }
    while (isFrozen()) {
      sleep(Duration.between(world.fibers.instant(), frozenUntil));
    }
  }

  /** Lets time pass. */
  void sleep(Duration time) {
    check();
    world.fibers.sleep(time);
    check();
  }

  void check() {
    if (isDead) {
      throw new Crashed();
    }
  }
}
