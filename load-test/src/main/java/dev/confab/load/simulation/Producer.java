package dev.confab.load.simulation;

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
import java.util.ArrayList;
import java.util.List;
import software.amazon.kinesis.retrieval.kpl.Messages.AggregatedRecord;
import software.amazon.kinesis.retrieval.kpl.Messages.Record;

/** A producer that writes to the stream itself: aggregates, and all that a stranger gets wrong. */
final class Producer {
  private static final byte[] MAGIC = {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2};
  private static final UserId BOT = new UserId("bot");

  private final World world;
  private final List<ChatId> chats;
  private final List<ChatEvent.MessageSent> said = new ArrayList<>();
  private int count;

  Producer(World world, List<ChatId> chats) {
    this.world = world;
    this.chats = chats;
  }

  /** Puts something. */
  void put() {
    ChatId chat = world.chance.anyOf(chats);
    int kind = world.chance.below(10);
    if (kind < 8) {
      world.note(kind < 4 ? Incident.AGGREGATE : Incident.POISON);
    }
    if (world.chance.of(0.15)) {
      again();
      return;
    }
    switch (kind) {
      case 0, 1, 2 -> aggregate();
      case 3 -> brokenAggregate(chat);
      case 4 -> poison(chat);
      case 5 -> noise(chat);
      case 6 -> otherKey(chat);
      case 7 -> otherShard(chat);
      case 8 -> plain(chat, World.REFUSED_TEXT + count);
      default -> plain(chat, world.chance.of(0.2) ? large() : "text " + count);
    }
  }

  private ChatEvent.MessageSent message(ChatId chat, String text) {
    return sent(chat, new ClientMessageId("b-" + count++), text, false);
  }

  private ChatEvent.MessageSent sent(ChatId chat, ClientMessageId id, String text, boolean resend) {
    ChatEvent.MessageSent sent =
        new ChatEvent.MessageSent(chat, BOT, id, text, resend, world.fibers.instant(), null);
    world.sends.add(new History.Send(chat, BOT, id, text, resend, sent.sentAt(), null));
    said.add(sent);
    return sent;
  }

  /**
   * Something said before: marked, as is right, or not, or with the id of what was another text.
   */
  private void again() {
    if (said.isEmpty()) {
      return;
    }
    ChatEvent.MessageSent before = world.chance.anyOf(said);
    String text = world.chance.of(0.1) ? "other " + count++ : before.text();
    boolean isMarked = world.chance.of(0.8);
    world.stream.put(
        before.chatId().value(),
        encoded(sent(before.chatId(), before.clientMessageId(), text, isMarked)));
  }

  /** What fills half a frame, or more than one where each character takes two in JSON. */
  private String large() {
    String character = world.chance.of(0.5) ? "x" : "\"";
    return "large " + count + character.repeat(world.chance.between(10_000, 16_000));
  }

  private static Bytes encoded(ChatEvent event) {
    return Bytes.of(ChatEvents.encode(event));
  }

  private void plain(ChatId chat, String text) {
    world.stream.put(chat.value(), encoded(message(chat, text)));
  }

  /** Many messages of the chats of one shard; by an outdated map of the shards, of another too. */
  private void aggregate() {
    SimulatedStream.Shard shard = world.chance.anyOf(world.stream.open());
    List<ChatId> here = chats.stream().filter(chat -> shard.range.contains(chat.value())).toList();
    if (here.isEmpty()) {
      return;
    }
    List<SimulatedStream.Part> parts = new ArrayList<>();
    for (int i = world.chance.between(2, 14); i > 0; i--) {
      ChatId chat = world.chance.anyOf(world.chance.of(0.05) ? chats : here);
      Bytes data = world.chance.of(0.1) ? claim(chat) : encoded(message(chat, "text " + count));
      parts.add(new SimulatedStream.Part(chat.value(), data));
    }
    world.stream.put(shard, here.getFirst().value(), aggregated(parts), parts);
  }

  private static Bytes aggregated(List<SimulatedStream.Part> parts) {
    AggregatedRecord.Builder message = AggregatedRecord.newBuilder();
    for (SimulatedStream.Part part : parts) {
      message.addRecords(
          Record.newBuilder()
              .setPartitionKeyIndex(message.getPartitionKeyTableCount())
              .setData(ByteString.copyFrom(part.data().toArray())));
      message.addPartitionKeyTable(part.partitionKey());
    }
    byte[] bytes = message.build().toByteArray();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(MAGIC);
    out.writeBytes(bytes);
    out.writeBytes(md5(bytes));
    return Bytes.of(out.toByteArray());
  }

  private static byte[] md5(byte[] bytes) {
    try {
      return MessageDigest.getInstance("MD5").digest(bytes);
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new AssertionError(everyPlatformHasIt);
    }
  }

  /** Begins as an aggregate does and ends otherwise: one record that nobody can read. */
  private void brokenAggregate(ChatId chat) {
    Bytes whole =
        aggregated(List.of(new SimulatedStream.Part(chat.value(), encoded(unsent(chat)))));
    byte[] bytes = whole.toArray();
    bytes[bytes.length - 1] ^= 1;
    world.stream.put(chat.value(), Bytes.of(bytes));
  }

  private ChatEvent.MessageSent unsent(ChatId chat) {
    return new ChatEvent.MessageSent(
        chat,
        BOT,
        new ClientMessageId("u-" + count++),
        "in vain",
        false,
        world.fibers.instant(),
        null);
  }

  private Bytes claim(ChatId chat) {
    return Bytes.of(
        "{\"v\":1,\"type\":\"message\",\"chatId\":\"%s\",\"clientMessageId\":\"x-%d\",\"text\":7}"
            .formatted(chat, count++)
            .getBytes(StandardCharsets.UTF_8));
  }

  private void poison(ChatId chat) {
    world.stream.put(chat.value(), claim(chat));
  }

  private void noise(ChatId chat) {
    String text =
        world.chance.of(0.5)
            ? "{\"v\":1,\"type\":\"poll\",\"chatId\":\"%s\"}".formatted(chat)
            : "noise " + count++;
    world.stream.put(chat.value(), Bytes.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  private void otherKey(ChatId chat) {
    world.stream.put("other", encoded(message(chat, "text " + count)));
  }

  private void otherShard(ChatId chat) {
    List<SimulatedStream.Shard> others =
        world.stream.open().stream().filter(one -> !one.range.contains(chat.value())).toList();
    if (!others.isEmpty()) {
      Bytes data = encoded(message(chat, "text " + count));
      world.stream.put(
          world.chance.anyOf(others),
          chat.value(),
          data,
          List.of(new SimulatedStream.Part(chat.value(), data)));
    }
  }
}
