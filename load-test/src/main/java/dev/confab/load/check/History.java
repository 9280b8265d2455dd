package dev.confab.load.check;

import dev.confab.consumer.HashRange;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ConnectionId;
import dev.confab.events.DeadLetter;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that was seen of a run once it has come to rest: nothing is under way any more, and whatever
 * was to be replayed has been.
 *
 * @param sends what was attempted, by clients and by producers on the stream, each try of its own
 * @param stream every record, taken out of aggregates (one that can't be read is one record), the
 *     records of a chat in their order
 * @param shards of all shards that the stream ever had
 * @param table each chat's entries as one query of all of them returns them, hidden ones too
 * @param letters every letter that a queue ever took
 * @param progress a line for each stage and shard
 */
public record History(
    List<Send> sends,
    List<StreamRecord> stream,
    Map<String, HashRange> shards,
    Map<ChatId, List<Entry>> table,
    List<Connection> connections,
    List<View> views,
    List<Letter> letters,
    List<Progress> progress) {
  public History {
    sends = List.copyOf(sends);
    stream = List.copyOf(stream);
    connections = List.copyOf(connections);
    views = List.copyOf(views);
    letters = List.copyOf(letters);
    progress = List.copyOf(progress);
  }

  /**
   * One try to send a message.
   *
   * @param at when
   * @param acked the position that the answer named; null where the outcome is unknown
   */
  public record Send(
      ChatId chatId,
      UserId senderId,
      ClientMessageId clientMessageId,
      String text,
      boolean resend,
      Instant at,
      @Nullable Position acked) {}

  /** One connection's frames, both ways, in the order in which the client saw them. */
  public record Connection(ConnectionId connectionId, UserId userId, List<Exchange> exchanges) {
    public Connection {
      exchanges = List.copyOf(exchanges);
    }
  }

  /** A frame on a connection. */
  public sealed interface Exchange {}

  /** The client sent a frame. */
  public record Asked(Instant at, ClientFrame frame) implements Exchange {}

  /** The client got a frame. */
  public record Got(Instant at, ServerFrame frame) implements Exchange {}

  /**
   * What a client that is connected shows of a chat that its user is a member of, after it has gone
   * back to the chat's beginning.
   *
   * @param isCurrent whether the client believes that it shows everything
   * @param shown in the order shown
   */
  public record View(
      ConnectionId connectionId,
      UserId userId,
      ChatId chatId,
      boolean isCurrent,
      List<Entry.Shown> shown) {
    public View {
      shown = List.copyOf(shown);
    }
  }

  /**
   * A dead letter.
   *
   * @param stage whose queue it is: {@code persist} or {@code fanout}
   * @param isInQueue whether it lies there still, or was replayed
   */
  public record Letter(String stage, DeadLetter letter, boolean isInQueue) {
    /** The stage that stores. */
    public static final String PERSIST = "persist";
  }

  /**
   * How far a stage has come in a shard.
   *
   * @param lag records that no checkpoint has passed
   */
  public record Progress(String stage, String shardId, long lag) {}
}
