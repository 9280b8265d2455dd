package dev.confab.fanout;

import dev.confab.events.Bytes;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Entry.Posted;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * What one batch has for the connections of one chat, in the order of its events. Messages that
 * follow each other for a connection share a frame; most connections get the same run of messages,
 * so each run is encoded once. Used by one thread.
 */
final class ChatFrames {
  /**
   * Who gets a message without {@code prev} asks history within this time for each who gets it: one
   * chat then asks a tenth of what an account's APIs take in a second.
   */
  private static final int MILLIS_TO_ASK = 1;

  private final ChatId chatId;
  private final List<Posted> messages = new ArrayList<>();
  private final Map<ConnectionId, List<Part>> parts = new LinkedHashMap<>();
  private final Map<Run, List<Packing.Packed>> packed = new HashMap<>();
  private int askWithinMillis;

  private sealed interface Part {}

  /** Live messages by their index, to be packed. */
  private record Live(Run run, Instant expiresAt) implements Part {}

  private record Run(int from, int to) {}

  /** A frame that stands for itself. */
  private record Whole(Frame frame) implements Part {}

  ChatFrames(ChatId chatId) {
    this.chatId = chatId;
  }

  ChatId chatId() {
    return chatId;
  }

  /** A connection that gets something. */
  record Receiver(ConnectionId connectionId, Instant expiresAt) {}

  /** A live message for all who receive it. */
  void message(Posted message, List<Receiver> receivers) {
    if (receivers.isEmpty()) {
      return;
    }
    int index = messages.size();
    messages.add(message);
    if (message.prev() == null) {
      askWithinMillis =
          Math.min(receivers.size() * MILLIS_TO_ASK, ServerFrame.Messages.MAX_ASK_WITHIN_MILLIS);
    }
    for (Receiver receiver : receivers) {
      List<Part> before = partsOf(receiver);
      Part last = before.isEmpty() ? null : before.getLast();
      if (last instanceof Live(Run(int from, int to), Instant _) && to == index) {
        before.removeLast();
        before.add(new Live(new Run(from, index + 1), receiver.expiresAt()));
      } else {
        before.add(new Live(new Run(index, index + 1), receiver.expiresAt()));
      }
    }
  }

  /**
   * One frame, the same for all receivers.
   *
   * @param positions that a push letter names where the frame can't be delivered
   */
  void control(ServerFrame frame, List<Position> positions, List<Receiver> receivers) {
    String json = ServerFrames.encode(frame);
    Bytes body = Bytes.of(json.getBytes(StandardCharsets.UTF_8));
    String kind = frame.getClass().getSimpleName();
    for (Receiver receiver : receivers) {
      partsOf(receiver)
          .add(new Whole(new Frame(chatId, kind, body, positions, 0, receiver.expiresAt())));
    }
  }

  /** Messages of a push letter, for one connection that missed them. */
  void replayed(List<Posted> missed, int replayCount, Receiver receiver) {
    for (Packing.Packed part : Packing.pack(chatId, missed, true, 0)) {
      partsOf(receiver).add(new Whole(frame(part, replayCount, receiver.expiresAt())));
    }
  }

  private List<Part> partsOf(Receiver receiver) {
    return parts.computeIfAbsent(receiver.connectionId(), _ -> new ArrayList<>(1));
  }

  /** How many connections get something. */
  int connections() {
    return parts.size();
  }

  /** Hands out each connection's frames, in order. */
  void forEach(BiConsumer<ConnectionId, Frame> frames) {
    parts.forEach(
        (connection, ofConnection) -> {
          for (Part part : ofConnection) {
            switch (part) {
              case Whole(Frame frame) -> frames.accept(connection, frame);
              case Live(Run run, Instant expiresAt) -> {
                for (Packing.Packed inOne : packed.computeIfAbsent(run, this::pack)) {
                  frames.accept(connection, frame(inOne, 0, expiresAt));
                }
              }
            }
          }
        });
  }

  private List<Packing.Packed> pack(Run run) {
    List<Posted> together = messages.subList(run.from(), run.to());
    boolean mustAsk = together.stream().anyMatch(message -> message.prev() == null);
    return Packing.pack(chatId, together, false, mustAsk ? askWithinMillis : 0);
  }

  private Frame frame(Packing.Packed part, int replayCount, Instant expiresAt) {
    return new Frame(chatId, "Messages", part.body(), part.positions(), replayCount, expiresAt);
  }
}
