package dev.confab.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.confab.consumer.Deaggregation.Arrival;
import dev.confab.events.Bytes;
import dev.confab.events.Position;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.kinesis.retrieval.kpl.Messages.AggregatedRecord;
import software.amazon.kinesis.retrieval.kpl.Messages.Record;
import software.amazon.kinesis.retrieval.kpl.Messages.Tag;

class DeaggregationTest {
  private static final String SHARD = "shardId-000000000000";
  private static final Instant ARRIVED = Instant.parse("2026-11-24T02:04:05.123Z");
  private static final BigInteger LOBBY = new BigInteger("d8671d1cb097a3bd26b2344ee25a0562", 16);
  private final Deaggregation everything = new Deaggregation(SHARD, HashRange.all());

  @Test
  void plainRecord_comesAsItIs() {
    assertThat(everything.arrivals(whole("lobby", bytes("{}"))))
        .containsExactly(
            new Arrival(
                new StreamRecord(SHARD, Position.of("49", 0), "lobby", bytes("{}"), ARRIVED),
                null));
  }

  @Test
  void emptyRecord_comesAsItIs() {
    assertThat(everything.arrivals(whole("lobby", bytes(""))).getFirst().defect()).isNull();
  }

  /**
   * The files hold what com.amazonaws:amazon-kinesis-aggregator 1.0.3 and aws_kinesis_agg 1.2.3
   * made of the same four records.
   */
  @ParameterizedTest
  @ValueSource(strings = {"aggregated-by-java.base64", "aggregated-by-python.base64"})
  void whatRealAggregatorsMake_comesApart(String file) throws IOException {
    List<Arrival> arrivals = everything.arrivals(whole("lobby", resource(file)));

    assertThat(arrivals).extracting(Arrival::defect).containsOnlyNulls();
    assertThat(arrivals)
        .extracting(Arrival::record)
        .containsExactly(
            record(0, "lobby", bytes("{\"text\":\"hello\"}")),
            record(1, "kitchen", bytes("{\"text\":\"é漢\"}")),
            record(2, "lobby", bytes("{\"text\":\"explicit\"}")),
            record(3, "lobby", Bytes.of(new byte[] {0, -1, 10})));
  }

  @Test
  void whatKplsOwnClassesWrite_comesApart_unknownFieldsAndTagsIncluded() {
    AggregatedRecord message =
        AggregatedRecord.newBuilder()
            .addPartitionKeyTable("lobby")
            .addRecords(
                Record.newBuilder()
                    .setPartitionKeyIndex(0)
                    .setData(ByteString.copyFromUtf8("{}"))
                    .addTags(Tag.newBuilder().setKey("k").setValue("v")))
            .build();
    byte[] withUnknownField = concat(message.toByteArray(), new byte[] {9 << 3, 7});

    assertThat(everything.arrivals(whole("a", Aggregates.framed(withUnknownField))))
        .extracting(Arrival::record)
        .containsExactly(record(0, "lobby", bytes("{}")));
  }

  @Test
  void tablesAfterTheRecords_areAllowedByProtobuf() {
    byte[] record = new byte[] {3 << 3 | 2, 5, 1 << 3, 0, 3 << 3 | 2, 1, 'x'};
    byte[] table = new byte[] {1 << 3 | 2, 1, 'k'};

    assertThat(everything.arrivals(whole("a", Aggregates.framed(concat(record, table)))))
        .extracting(Arrival::record)
        .containsExactly(record(0, "k", bytes("x")));
  }

  @Test
  void misroutedPart_isSaidToBe_andTheOthersComeThrough() {
    Deaggregation lobbyOnly = new Deaggregation(SHARD, new HashRange(LOBBY, LOBBY));
    Bytes data =
        new Aggregates()
            .add("lobby", bytes("1"))
            .add("kitchen", bytes("2"))
            .add("lobby", bytes("3"))
            .build();

    List<Arrival> arrivals = lobbyOnly.arrivals(whole("lobby", data));

    assertThat(arrivals)
        .extracting(Arrival::record)
        .containsExactly(
            record(0, "lobby", bytes("1")),
            record(1, "kitchen", bytes("2")),
            record(2, "lobby", bytes("3")));
    assertThat(arrivals)
        .extracting(arrival -> arrival.defect() == null ? "" : arrival.defect().errorClass())
        .containsExactly("", "Misrouted", "");
  }

  @Test
  void misroutedPlainRecord_isSaidToBe() {
    Deaggregation lobbyOnly = new Deaggregation(SHARD, new HashRange(LOBBY, LOBBY));

    assertThat(lobbyOnly.arrivals(whole("kitchen", bytes("{}"))).getFirst().defect())
        .isNotNull()
        .extracting(Outcome.Unprocessable::errorClass)
        .isEqualTo("Misrouted");
  }

  @Test
  void wrongMd5_isOneDefectWithAllBytes() {
    byte[] data = new Aggregates().add("lobby", bytes("1")).build().toArray();
    data[data.length - 1] ^= 1;
    assertMalformed(Bytes.of(data), "MD5");
  }

  @Test
  void magicAlone_isADefect() {
    byte[] data = Aggregates.framed(new byte[0]).toArray();
    assertMalformed(Bytes.of(Arrays.copyOf(data, 4)), "too short");
    assertMalformed(Bytes.of(Arrays.copyOf(data, 19)), "too short");
  }

  @Test
  void aggregateOfNothing_isADefect() {
    assertMalformed(Aggregates.framed(new byte[0]), "no records");
  }

  @Test
  void indexOutsideTheTables_isADefect() {
    Record.Builder record = Record.newBuilder().setData(ByteString.copyFromUtf8("x"));
    for (long index : new long[] {1, Integer.MAX_VALUE + 1L, -1}) {
      assertMalformed(
          framed(
              AggregatedRecord.newBuilder()
                  .addPartitionKeyTable("k")
                  .addRecords(record.setPartitionKeyIndex(index))),
          "names a key");
    }
    assertMalformed(
        framed(
            AggregatedRecord.newBuilder()
                .addPartitionKeyTable("k")
                .addRecords(record.setPartitionKeyIndex(0).setExplicitHashKeyIndex(0))),
        "names a key");
  }

  @Test
  void recordWithoutKeyOrData_isADefect() {
    assertMalformed(Aggregates.framed(new byte[] {3 << 3 | 2, 0}), "lacks");
    assertMalformed(Aggregates.framed(new byte[] {3 << 3 | 2, 2, 1 << 3, 0}), "lacks");
    byte[] table = {1 << 3 | 2, 1, 'k'};
    byte[] dataAlone = {3 << 3 | 2, 3, 3 << 3 | 2, 1, 'x'};
    assertMalformed(Aggregates.framed(concat(table, dataAlone)), "lacks");
  }

  /** Protobuf lets the last count, and the first would be lost without a word. */
  @Test
  void recordWithTwoDatas_isADefect() {
    byte[] table = {1 << 3 | 2, 1, 'k'};
    byte[] twice = {3 << 3 | 2, 8, 1 << 3, 0, 3 << 3 | 2, 1, 'x', 3 << 3 | 2, 1, 'y'};
    assertMalformed(Aggregates.framed(concat(table, twice)), "twice");
  }

  @Test
  void keyThatIsNoUtf8_isADefect() {
    assertMalformed(
        framed(
            AggregatedRecord.newBuilder()
                .addPartitionKeyTableBytes(ByteString.copyFrom(new byte[] {(byte) 0xC3}))
                .addRecords(Record.newBuilder().setPartitionKeyIndex(0).setData(ByteString.EMPTY))),
        "UTF-8");
  }

  @Test
  void brokenProtobuf_isADefect() {
    int string = 1 << 3 | 2;
    assertMalformed(Aggregates.framed(new byte[] {(byte) string, 100, 'x'}), "");
    assertMalformed(Aggregates.framed(new byte[] {(byte) string, -1, -1, -1, -1, 15}), "");
    assertMalformed(Aggregates.framed(new byte[] {3 << 3 | 2, -1, -1, -1, -1, 15}), "");
    assertMalformed(Aggregates.framed(new byte[] {0}), "");
    byte[] endOfNoGroup = {9 << 3 | 4};
    byte[] good = {1 << 3 | 2, 1, 'k', 3 << 3 | 2, 5, 1 << 3, 0, 3 << 3 | 2, 1, 'x'};
    assertMalformed(Aggregates.framed(concat(good, endOfNoGroup)), "");
    assertMalformed(Aggregates.framed(concat(endOfNoGroup, good)), "");
  }

  @Test
  void groupsNestedWithoutEnd_areADefect() {
    byte[] groups = new byte[1_000_000];
    Arrays.fill(groups, (byte) (9 << 3 | 3));
    assertMalformed(Aggregates.framed(groups), "");
  }

  @Test
  void moreRecordsThanCanBeReal_areOneDefect() {
    Record.Builder record = Record.newBuilder().setPartitionKeyIndex(0).setData(ByteString.EMPTY);
    AggregatedRecord.Builder message = AggregatedRecord.newBuilder().addPartitionKeyTable("k");
    for (int i = 0; i < Aggregate.MAX_RECORDS; i++) {
      message.addRecords(record);
    }
    assertThat(everything.arrivals(whole("k", framed(message)))).hasSize(Aggregate.MAX_RECORDS);
    assertMalformed(framed(message.addRecords(record)), "more than");
  }

  @Test
  void moreKeysThanCanBeReal_areOneDefect() {
    AggregatedRecord.Builder message =
        AggregatedRecord.newBuilder().addRecords(record(0, "x")).addPartitionKeyTable("k");
    for (int i = 0; i < Aggregate.MAX_RECORDS; i++) {
      message.addPartitionKeyTableBytes(ByteString.EMPTY);
    }
    assertMalformed(framed(message), "more than");
  }

  /** Whatever bytes lie in the frame, they all come out again. */
  @Test
  void damagedAggregates_neverLoseAByteInSilence() {
    Random random = new Random(20261124);
    byte[] good =
        AggregatedRecord.newBuilder()
            .addPartitionKeyTable("lobby")
            .addPartitionKeyTable("kitchen")
            .addRecords(record(0, "hello"))
            .addRecords(record(1, "world"))
            .build()
            .toByteArray();
    int wholeOnes = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = good.clone();
      for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Bytes data = Aggregates.framed(Arrays.copyOf(damaged, random.nextInt(damaged.length) + 1));

      List<Arrival> arrivals = everything.arrivals(whole("lobby", data));

      assertThat(arrivals).isNotEmpty();
      Arrival first = arrivals.getFirst();
      if (first.defect() == null) {
        wholeOnes++;
      } else {
        assertThat(arrivals).hasSize(1);
        assertThat(first.record().data()).isEqualTo(data);
      }
    }
    assertThat(wholeOnes).isBetween(1, 19_999);
  }

  private void assertMalformed(Bytes data, String reason) {
    assertThat(everything.arrivals(whole("lobby", data)))
        .singleElement()
        .satisfies(
            arrival -> {
              assertThat(arrival.record()).isEqualTo(record(0, "lobby", data));
              assertThat(arrival.defect()).isNotNull();
              assertThat(Objects.requireNonNull(arrival.defect()).errorClass())
                  .isEqualTo("MalformedAggregate");
              assertThat(arrival.defect().errorText()).contains(reason);
            });
  }

  private static Record.Builder record(int key, String data) {
    return Record.newBuilder().setPartitionKeyIndex(key).setData(ByteString.copyFromUtf8(data));
  }

  private static StreamRecord record(int index, String partitionKey, Bytes data) {
    return new StreamRecord(SHARD, Position.of("49", index), partitionKey, data, ARRIVED);
  }

  private static WholeRecord whole(String partitionKey, Bytes data) {
    return new WholeRecord("49", partitionKey, data, ARRIVED);
  }

  private static Bytes framed(AggregatedRecord.Builder message) {
    return Aggregates.framed(message.build().toByteArray());
  }

  private static Bytes bytes(String text) {
    return Bytes.of(text.getBytes(UTF_8));
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static Bytes resource(String file) throws IOException {
    try (InputStream in = DeaggregationTest.class.getResourceAsStream(file)) {
      return Bytes.ofBase64(new String(Objects.requireNonNull(in).readAllBytes(), UTF_8).strip());
    }
  }
}
