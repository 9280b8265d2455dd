package dev.confab.load.verify;

import com.google.protobuf.ByteString;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.UserId;
import dev.confab.load.check.History;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import software.amazon.kinesis.retrieval.kpl.Messages.AggregatedRecord;
import software.amazon.kinesis.retrieval.kpl.Messages.Record;

/** A producer beside ingest: it aggregates, and gets things wrong. For one thread. */
final class Foreign {
  private static final UserId BOT = new UserId("bot");

  private final Evidence stream;
  private final Random random;
  private final Clock clock;
  private final Map<Bytes, List<Part>> aggregates = new HashMap<>();
  private final List<History.Send> sends = new ArrayList<>();
  private int count;

  /** A record in an aggregate. */
  record Part(String partitionKey, Bytes data) {}

  Foreign(Evidence stream, long seed, Clock clock) {
    this.stream = stream;
    this.random = new Random(seed);
    this.clock = clock;
  }

  /** What it put together, by the whole. */
  Map<Bytes, List<Part>> aggregates() {
    return aggregates;
  }

  /** The messages that it sent. */
  List<History.Send> sends() {
    return sends;
  }

  void put(Plan.Foreign what, List<ChatId> chats) {
    ChatId chat = chats.get(random.nextInt(chats.size()));
    switch (what) {
      case GARBAGE -> stream.put(chat.value(), bytes("garbage " + random.nextLong()));
      case AGGREGATE -> {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          parts.add(new Part(chat.value(), message(chat)));
        }
        Bytes whole = framed(aggregated(parts));
        aggregates.put(whole, parts);
        stream.put(chat.value(), whole);
      }
      case BROKEN_AGGREGATE -> {
        byte[] message = aggregated(List.of(new Part(chat.value(), bytes("x" + count++))));
        stream.put(chat.value(), framed(Arrays.copyOf(message, message.length - 1)));
      }
      case BAD_MESSAGE -> // says that it is a message of the chat, and has no text
          stream.put(
              chat.value(),
              bytes(
                  "{\"v\":1,\"type\":\"message\",\"chatId\":\"%s\",\"senderId\":\"bot\",\"clientMessageId\":\"bad-%d\"}"
                      .formatted(chat, count++)));
    }
  }

  private Bytes message(ChatId chat) {
    ClientMessageId id = new ClientMessageId("bot-" + count++);
    String text = "from outside " + id;
    sends.add(new History.Send(chat, BOT, id, text, false, clock.instant(), null));
    return Bytes.of(
        ChatEvents.encode(
            new ChatEvent.MessageSent(
                chat, BOT, id, text, false, clock.instant().truncatedTo(ChronoUnit.MILLIS), null)));
  }

  private static Bytes bytes(String text) {
    return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] aggregated(List<Part> parts) {
    AggregatedRecord.Builder message = AggregatedRecord.newBuilder();
    for (Part part : parts) {
      message.addRecords(
          Record.newBuilder()
              .setPartitionKeyIndex(message.getPartitionKeyTableCount())
              .setData(ByteString.copyFrom(part.data().toArray())));
      message.addPartitionKeyTable(part.partitionKey());
    }
    return message.build().toByteArray();
  }

  /** The Kinesis Producer Library's frame: a magic number, the message, its MD5. */
  private static Bytes framed(byte[] message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2});
    out.writeBytes(message);
    try {
      out.writeBytes(MessageDigest.getInstance("MD5").digest(message));
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new AssertionError(everyPlatformHasIt);
    }
    return Bytes.of(out.toByteArray());
  }
}
