package dev.confab.load.simulation;

import dev.confab.consumer.HashRange;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.replay.ReplayedLetters;
import dev.confab.replay.Shards;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Replays what lies in the queues, deciding with the real replayer's judgement. A letter goes only
 * after the stream has its event; now and then the replayer is killed in between, so that the
 * letter is replayed again.
 */
final class Operator {
  private static final int MAX_REPLAYS = 3;

  private final World world;

  Operator(World world) {
    this.world = world;
  }

  /**
   * Goes through a queue once.
   *
   * @param asNew whether messages that lay in the wrong place are posted anew
   * @return how many letters were put back
   */
  int replay(Queue queue, boolean asNew) {
    Instant now = world.fibers.instant();
    ReplayedLetters replayed =
        new ReplayedLetters(shards(), MAX_REPLAYS, asNew, now.plus(Duration.ofSeconds(1)));
    int count = 0;
    for (Queue.Lying lying : queue.lying()) {
      ChatEvent decided = replayed.eventOf(lying.letter, lying.sentAt);
      ChatEvent event = world.parts.replay(lying.letter, decided);
      if (event == null) {
        continue;
      }
      count++;
      world.note(Incident.REPLAY);
      world.stream.put(event.chatId().value(), Bytes.of(ChatEvents.encode(event)));
      if (world.chance.of(world.faults.likelihood(0.2))) {
        world.note(Incident.REPLAY_KILLED);
      } else {
        lying.isThere = false;
        world.trace.add("replayed " + lying.letter);
      }
    }
    return count;
  }

  private Shards shards() {
    Map<String, Shards.Range> ranges = new LinkedHashMap<>();
    for (Map.Entry<String, HashRange> shard : world.stream.ranges().entrySet()) {
      ranges.put(
          shard.getKey(), new Shards.Range(shard.getValue().first(), shard.getValue().last()));
    }
    return new Shards(ranges);
  }
}
