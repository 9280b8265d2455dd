package dev.confab.load.verify;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * What a run does and what goes wrong in it. The same plan has the same faults in the same order;
 * when exactly each meets the system is up to the machine.
 *
 * @param seed of everything that is left to chance
 * @param messages that people send
 * @param perSecond how many of them a second
 * @param kills of workers, by SIGKILL, at named points and at any
 * @param zombies workers that are stopped until another has their leases, and then go on
 * @param reshards splits and merges in turn
 * @param throttled how long the table refuses most writes, in all
 * @param withoutQueues how long SQS answers nobody
 */
public record Plan(
    long seed,
    int messages,
    int perSecond,
    int kills,
    int zombies,
    int reshards,
    Duration throttled,
    Duration withoutQueues) {
  private static final int MESSAGES_A_CUT = 400;

  /** Each of up to 20 acks: some 5 messages of a hundred are sent again. */
  private static final int MESSAGES_A_LOSS = 200;

  /** Something that goes wrong, or is done to the system. */
  public sealed interface Deed {}

  /**
   * A worker dies.
   *
   * @param worker which, by its number
   */
  public record Kill(int worker, KillPoint at) implements Deed {}

  /** Where a worker dies. */
  public enum KillPoint {
    /** At once, wherever it is. */
    ANYWHERE,
    /** Its next write is not made any more. */
    BEFORE_WRITE,
    /** One more write is made, the next is not. */
    MID_BATCH,
    /** Its next write is made, and it never learns of it. */
    AFTER_WRITE,
    /** Its next checkpoint is kept, and it never learns of it. */
    AFTER_CHECKPOINT
  }

  /** A worker stops for longer than its leases last, and then goes on as if nothing had been. */
  public record Zombie(int worker) implements Deed {}

  /** A shard is split, or two are merged. */
  public record Reshard(boolean splits) implements Deed {}

  /** The table takes little. */
  public record Throttle(Duration time) implements Deed {}

  /** No dead letter can be parked. */
  public record NoQueues(Duration time) implements Deed {}

  /** Somebody's network fails for a moment. */
  public record Cut() implements Deed {}

  /** The stream takes the next few records and answers nobody. */
  public record LoseAcks(int count) implements Deed {}

  /** The stream refuses the next few calls. */
  public record ThrottleStream(int count) implements Deed {}

  /** The endpoint of connections answers 429, 500, not at all, or too late, for a while. */
  public record BadConnections(Duration time) implements Deed {}

  /** Somebody is removed from a chat while coming back to it, and is added again. */
  public record Remove() implements Deed {}

  /** Something comes onto the stream past ingest. */
  public record Put(Foreign what) implements Deed {}

  /** What else producers put on a stream. */
  public enum Foreign {
    GARBAGE,
    AGGREGATE,
    BROKEN_AGGREGATE,
    BAD_MESSAGE
  }

  /**
   * A deed and when it comes.
   *
   * @param after so many messages
   */
  public record Due(int after, Deed deed) {}

  /** Everything that goes wrong, in order. */
  public List<Due> deeds(int workers) {
    Random random = new Random(seed);
    List<Deed> deeds = new ArrayList<>();
    KillPoint[] points = KillPoint.values();
    for (int i = 0; i < kills; i++) {
      deeds.add(new Kill(random.nextInt(workers), points[(i + (int) seed) % points.length]));
    }
    for (int i = 0; i < zombies; i++) {
      deeds.add(new Zombie(random.nextInt(workers)));
    }
    for (int i = 0; i < reshards; i++) {
      deeds.add(new Reshard(i % 2 == 0));
    }
    if (!throttled.isZero()) {
      deeds.add(new Throttle(throttled));
    }
    if (!withoutQueues.isZero()) {
      deeds.add(new NoQueues(withoutQueues));
    }
    for (int i = 0; i < messages / MESSAGES_A_CUT; i++) {
      deeds.add(new Cut());
      deeds.add(new Put(Foreign.values()[random.nextInt(Foreign.values().length)]));
    }
    for (int i = 0; i < messages / MESSAGES_A_LOSS; i++) {
      deeds.add(new LoseAcks(1 + random.nextInt(20)));
    }
    for (int i = 0; i < messages / 2_000; i++) {
      deeds.add(new ThrottleStream(1 + random.nextInt(20)));
      deeds.add(new BadConnections(Duration.ofSeconds(3)));
      deeds.add(new Remove());
    }
    List<Due> due = new ArrayList<>();
    for (Deed deed : deeds) {
      due.add(new Due(messages / 20 + random.nextInt(messages * 9 / 10), deed));
    }
    due.sort(Comparator.comparingInt(Due::after));
    return due;
  }
}
