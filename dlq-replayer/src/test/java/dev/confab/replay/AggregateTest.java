package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.DeadLetter;
import dev.confab.events.Position;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AggregateTest {
  private static final Bytes BIG = TestLetters.utf8("big ".repeat(500));

  /** As the Kinesis Producer Library writes it, with keys, explicit hash keys and a tag. */
  private static Bytes aggregate(Bytes... datas) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    field(message, 1, "lobby".getBytes(StandardCharsets.UTF_8));
    field(message, 1, "team".getBytes(StandardCharsets.UTF_8));
    field(message, 2, "170141183460469231731687303715884105728".getBytes(StandardCharsets.UTF_8));
    for (Bytes data : datas) {
      ByteArrayOutputStream record = new ByteArrayOutputStream();
      record.write(1 << 3); // the index of its partition key
      varint(record, 1);
      record.write(2 << 3); // of its explicit hash key
      varint(record, 300);
      field(record, 3, data.toArray());
      field(record, 4, new byte[] {10, 1, 'k'});
      field(message, 3, record.toByteArray());
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(new byte[] {(byte) 0xf3, (byte) 0x89, (byte) 0x9a, (byte) 0xc2});
    whole.writeBytes(message.toByteArray());
    whole.writeBytes(new byte[16]); // the checksum
    return Bytes.of(whole.toByteArray());
  }

  private static void field(ByteArrayOutputStream out, int number, byte[] value) {
    out.write((number << 3) | 2);
    varint(out, value.length);
    out.writeBytes(value);
  }

  private static void varint(ByteArrayOutputStream out, int value) {
    int left = value;
    while (left > 0x7f) {
      out.write((left & 0x7f) | 0x80);
      left >>>= 7;
    }
    out.write(left);
  }

  @Test
  void everyPart_comesOut() {
    Bytes whole = aggregate(TestLetters.utf8("first"), BIG, Bytes.of(new byte[0]));

    assertThat(Aggregate.part(whole, 0)).contains(TestLetters.utf8("first"));
    assertThat(Aggregate.part(whole, 1)).contains(BIG);
    assertThat(Aggregate.part(whole, 2)).contains(Bytes.of(new byte[0]));
    assertThat(Aggregate.part(whole, 3)).isEmpty();
  }

  @Test
  void whatIsNoAggregate_hasNoParts() {
    assertThat(Aggregate.part(TestLetters.utf8("hello"), 0)).isEmpty();
    assertThat(Aggregate.part(Bytes.of(new byte[0]), 0)).isEmpty();
  }

  @Test
  void everyDamagedAggregate_givesAnAnswer() {
    byte[] whole = aggregate(TestLetters.utf8("first"), BIG).toArray();
    for (int length = 0; length < whole.length; length += 7) {
      assertThat(Aggregate.part(Bytes.of(Arrays.copyOf(whole, length)), 1)).isNotNull();
    }
    for (int i = 0; i < whole.length; i += 3) {
      byte[] damaged = whole.clone();
      damaged[i] = (byte) 0xff;
      assertThat(Aggregate.part(Bytes.of(damaged), 1)).isNotNull();
    }
  }

  @Test
  void aPointerIntoAnAggregate_meansItsPart_andIsChecked() {
    InMemoryRecords records = new InMemoryRecords();
    Bytes whole = aggregate(TestLetters.utf8("first"), BIG);
    Position place = TestLetters.position(1);
    records.at(place.sequenceNumber(), new Records.Found(whole));
    Payloads payloads = new Payloads(records);

    Position part = Position.of(place.sequenceNumber(), 1);
    assertThat(payloads.of(pointer(part, BIG))).isEqualTo(new Payloads.Whole(BIG));
    assertThat(payloads.of(pointer(place, whole))).isEqualTo(new Payloads.Whole(whole));
    for (DeadLetter.RecordLetter wrong :
        List.of(pointer(place, BIG), pointer(Position.of(place.sequenceNumber(), 2), BIG))) {
      assertThat(payloads.of(wrong)).isInstanceOf(Payloads.Lost.class);
    }
  }

  private static DeadLetter.RecordLetter pointer(Position position, Bytes data) {
    return new DeadLetter.RecordLetter(
        TestLetters.failure("Malformed"),
        InMemoryRecords.SHARD,
        position,
        "lobby",
        null,
        null,
        0,
        new DeadLetter.Pointer(Payloads.sha256(data), data.size()));
  }
}
