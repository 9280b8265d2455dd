package dev.confab.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.confab.consumer.Deaggregation.Arrival;
import dev.confab.events.Bytes;
import dev.confab.events.Position;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.kinesis.retrieval.kpl.Messages.AggregatedRecord;
import software.amazon.kinesis.retrieval.kpl.Messages.Record;

/** Whatever bytes lie in the stream, all of them come out again, in order, and no others. */
class DeaggregationFuzzTest {
  private static final String SHARD = "shardId-000000000000";
  private static final Instant ARRIVED = Instant.parse("2026-11-24T02:04:05.123Z");
  private static final int FRAME_BYTES = 4 + 16;
  private static final byte[] UNKNOWN_FIELD = {9 << 3, 7};

  private final Deaggregation everything = new Deaggregation(SHARD, HashRange.all());

  static List<byte[]> messages() {
    byte[] good = message(new Aggregates().add("lobby", bytes("1")).add("kitchen", bytes("2")));
    byte[] unknown = Arrays.copyOf(good, good.length + UNKNOWN_FIELD.length);
    System.arraycopy(UNKNOWN_FIELD, 0, unknown, good.length, UNKNOWN_FIELD.length);
    byte[] explicitHashKey = {
      2 << 3 | 2, 1, '7', 1 << 3 | 2, 1, 'k', 3 << 3 | 2, 5, 8, 0, 16, 0, 26
    };
    return List.of(good, unknown, explicitHashKey);
  }

  static List<byte[]> contents() {
    return List.of("hello\nworld\n\n".getBytes(UTF_8), new byte[] {0, '\n', -1, '\n'});
  }

  private static byte[] message(Aggregates aggregates) {
    byte[] whole = aggregates.build().toArray();
    return Arrays.copyOfRange(whole, 4, whole.length - 16);
  }

  /** The input as a record as it is, and as the message of an aggregate whose MD5 is right. */
  @MethodSource("messages")
  @FuzzTest
  void anyBytes(byte[] input) {
    Bytes plain = Bytes.of(input);
    if (!Aggregate.isOne(input)) {
      assertThat(arrivals(plain)).containsExactly(arrival(0, "lobby", plain));
    } else {
      assertWhole(plain);
    }
    Bytes framed = Aggregates.framed(input);
    List<Arrival> arrivals = assertWhole(framed);
    assertAgreesWithKplsOwn(input, arrivals);
  }

  private List<Arrival> assertWhole(Bytes data) {
    List<Arrival> arrivals = arrivals(data);
    assertThat(arrivals).isNotEmpty();
    long size = 0;
    for (int i = 0; i < arrivals.size(); i++) {
      Arrival arrival = arrivals.get(i);
      StreamRecord record = arrival.record();
      assertThat(record.position()).isEqualTo(Position.of("49", i));
      assertThat(record.shardId()).isEqualTo(SHARD);
      assertThat(record.arrivedAt()).isEqualTo(ARRIVED);
      size += record.data().size();
      if (arrival.defect() != null) {
        assertThat(arrivals).hasSize(1);
        assertThat(record.data()).isEqualTo(data);
        assertThat(arrival.defect().errorClass()).isEqualTo("MalformedAggregate");
      }
    }
    if (!isMalformed(arrivals)) {
      assertThat(size).isLessThanOrEqualTo(data.size() - FRAME_BYTES);
    }
    return arrivals;
  }

  private static boolean isMalformed(List<Arrival> arrivals) {
    return arrivals.getFirst().defect() != null;
  }

  /**
   * We may refuse more than the classes that the format is defined by, but never read otherwise.
   */
  private static void assertAgreesWithKplsOwn(byte[] message, List<Arrival> arrivals) {
    List<Arrival> theirs = asKplReads(message);
    if (!isMalformed(arrivals) && theirs != null) {
      assertThat(arrivals).isEqualTo(theirs);
    }
    if (isMalformed(arrivals) && theirs != null) {
      assertThat(isAsKplWrites(message)).as("refused what KPL wrote").isFalse();
    }
  }

  private static boolean isAsKplWrites(byte[] message) {
    try {
      AggregatedRecord read = AggregatedRecord.parseFrom(message);
      return read.getUnknownFields().asMap().isEmpty()
          && read.getRecordsList().stream().allMatch(r -> r.getUnknownFields().asMap().isEmpty())
          && Arrays.equals(read.toByteArray(), message);
    } catch (InvalidProtocolBufferException no) {
      return false;
    }
  }

  private static @Nullable List<Arrival> asKplReads(byte[] message) {
    try {
      AggregatedRecord read = AggregatedRecord.parseFrom(message);
      List<Arrival> arrivals = new ArrayList<>();
      for (Record record : read.getRecordsList()) {
        long key = record.getPartitionKeyIndex();
        boolean hasHashKey = record.hasExplicitHashKeyIndex();
        long hashKey = record.getExplicitHashKeyIndex();
        if (key < 0
            || key >= read.getPartitionKeyTableCount()
            || (hasHashKey && (hashKey < 0 || hashKey >= read.getExplicitHashKeyTableCount()))) {
          return null;
        }
        Bytes data = Bytes.of(record.getData().toByteArray());
        arrivals.add(arrival(arrivals.size(), read.getPartitionKeyTable((int) key), data));
      }
      for (int i = 0; i < read.getPartitionKeyTableCount(); i++) {
        UTF_8.newDecoder().decode(ByteBuffer.wrap(read.getPartitionKeyTableBytes(i).toByteArray()));
      }
      return arrivals.isEmpty() ? null : arrivals;
    } catch (InvalidProtocolBufferException | CharacterCodingException malformed) {
      return null;
    }
  }

  /**
   * Every line is the data of a record, in an aggregate that comes apart as it was put together.
   * Then one bit of it flips.
   */
  @MethodSource("contents")
  @FuzzTest
  void goodAggregate(byte[] input) {
    Aggregates aggregates = new Aggregates();
    List<Arrival> expected = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < input.length; i++) {
      if (input[i] == '\n') {
        Bytes data = Bytes.of(Arrays.copyOfRange(input, from, i));
        String key = "k" + (data.size() % 7);
        aggregates.add(key, data);
        expected.add(arrival(expected.size(), key, data));
        from = i + 1;
      }
    }
    if (expected.isEmpty()) {
      return;
    }
    byte[] whole = aggregates.build().toArray();
    assertThat(arrivals(Bytes.of(whole))).isEqualTo(expected);

    int bit = Math.floorMod(Arrays.hashCode(input), whole.length * 8);
    whole[bit / 8] ^= (byte) (1 << bit % 8);
    Bytes flipped = Bytes.of(whole);
    assertThat(arrivals(flipped))
        .singleElement()
        .satisfies(
            arrival -> {
              assertThat(arrival.record().data()).isEqualTo(flipped);
              assertThat(arrival.defect() == null).isEqualTo(bit / 8 < 4);
            });
  }

  private List<Arrival> arrivals(Bytes data) {
    return everything.arrivals(new WholeRecord("49", "lobby", data, ARRIVED));
  }

  private static Arrival arrival(int index, String partitionKey, Bytes data) {
    return new Arrival(
        new StreamRecord(SHARD, Position.of("49", index), partitionKey, data, ARRIVED), null);
  }

  private static Bytes bytes(String text) {
    return Bytes.of(text.getBytes(UTF_8));
  }
}
