package dev.confab.replay;

import dev.confab.events.ChatEvent;
import dev.confab.events.DeadLetter;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code replay run} puts on the stream for letters, without queues and a stream, so that a
 * simulation can decide as the real command does. Letters whose record lies on the stream alone
 * aren't looked up. Thread-safe.
 */
public final class ReplayedLetters {
  private final Judge judge;

  /**
   * @param shards that the stream has or still retains
   * @param maxReplays as {@code --max-replays}; 1 or more
   * @param asNew as {@code --as-new}
   * @param startedAt when the run began: what failed later has failed again
   */
  public ReplayedLetters(Shards shards, int maxReplays, boolean asNew, Instant startedAt) {
    this.judge =
        new Judge(
            new Judge.Wish(Filter.all(), maxReplays, asNew, false, startedAt),
            shards,
            new Payloads(new NoRecords(shards)));
  }

  /**
   * What to put on the stream for a letter, which is then deleted.
   *
   * @param sentAt when the queue took it
   * @return null where the letter stays
   */
  public @Nullable ChatEvent eventOf(DeadLetter letter, Instant sentAt) {
    Verdict verdict = judge.judge(new Received.Ours(letter), sentAt);
    return switch (verdict) {
      case Verdict.PutBack(ChatEvent event) -> event;
      case Verdict.PostAsNew(ChatEvent.MessageSent message) -> message;
      case Verdict.Leave _, Verdict.PassOver _ -> null;
    };
  }

  /** A stream that nothing can be fetched from. */
  private record NoRecords(Shards shards) implements Records {
    @Override
    public String name() {
      return "none";
    }

    @Override
    public List<Put> put(List<NewRecord> records) {
      return records.stream().map(_ -> (Put) new Refused("not here")).toList();
    }

    @Override
    public Lookup find(String shardId, String sequenceNumber) {
      return new Gone("not looked up");
    }
  }
}
