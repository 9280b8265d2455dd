package dev.confab.fanout;

import dev.confab.consumer.DeadLetters;
import dev.confab.consumer.Pause;
import dev.confab.consumer.ShardStage;
import dev.confab.consumer.ShardStart;
import dev.confab.consumer.Stage;
import dev.confab.table.ChatTable;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** Pushes a chat's events to the connections that are subscribed to it. One a worker. */
public final class FanoutStage implements Stage {
  private final Ports ports;
  private final Settings settings;
  private final RateShare rate;

  /**
   * What the stage works with. All safe for use by several threads.
   *
   * @param executor runs pushes side by side; one that runs them on the calling thread makes the
   *     whole stage run on one
   */
  public record Ports(
      ChatTable table,
      Pushes pushes,
      DeadLetters deadLetters,
      Clock clock,
      Pause pause,
      RandomGenerator random,
      Executor executor) {}

  /**
   * Limits.
   *
   * @param ratePerSecond requests to {@code @connections} of all workers together; above 0
   * @param maxSubscribersPerChat connections of one chat at once; 1 or more
   * @param maxRemembered subscriptions and recent messages that one shard keeps in memory, about
   *     300 bytes each; beyond it the chats idle longest are forgotten, and read again when
   *     something happens in them
   */
  public record Settings(double ratePerSecond, int maxSubscribersPerChat, long maxRemembered) {
    /** About 60 MB. */
    public static final long DEFAULT_MAX_REMEMBERED = 200_000;

    public Settings {
      if (!(ratePerSecond > 0) || maxSubscribersPerChat < 1 || maxRemembered < 1) {
        throw new IllegalArgumentException("limits must be positive");
      }
    }
  }

  public FanoutStage(Ports ports, Settings settings) {
    this.ports = ports;
    this.settings = settings;
    this.rate = new RateShare(settings.ratePerSecond(), ports.clock(), ports.pause());
  }

  @Override
  public ShardStage open(ShardStart start) {
    return new FanoutShard(start, ports, settings, rate);
  }
}
