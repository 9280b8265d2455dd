package dev.confab.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.confab.metrics.EmfSpecification.Reading;
import dev.confab.metrics.Measurements.Series;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines, held against CloudWatch's own rules. */
class EmbeddedMetricsTest extends MetricsContract {
  /** Takes each write as one piece. */
  private static final class Pieces extends OutputStream {
    final List<String> pieces = new ArrayList<>();

    @Override
    public void write(int octet) {
      throw new AssertionError("a line in more than one piece");
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
      pieces.add(new String(bytes, from, length, UTF_8));
    }

    synchronized List<String> lines() {
      return List.copyOf(pieces);
    }
  }

  private final Pieces out = new Pieces();

  private final EmbeddedMetrics metrics =
      new EmbeddedMetrics("confab", StageName.PERSIST, out, CLOCK);

  @Override
  Metrics metrics() {
    return metrics;
  }

  @Override
  List<Series> written() {
    return out.lines().stream()
        .flatMap(line -> EmfSpecification.readings(line).stream())
        .map(EmbeddedMetricsTest::series)
        .toList();
  }

  private static Series series(Reading reading) {
    Metric metric =
        Arrays.stream(Metric.values())
            .filter(one -> one.title().equals(reading.name()))
            .findFirst()
            .orElseThrow();
    return new Series(metric, reading.code().isEmpty() ? null : reading.code(), reading.values());
  }

  @AfterEach
  void everyLine_isOnePiece_andAsCloudWatchWantsIt() {
    for (String line : out.lines()) {
      assertThat(line).endsWith("}\n").containsOnlyOnce("\n");
      assertThat(EmfSpecification.breaches(line)).as(line).isEmpty();
    }
  }

  @Test
  void whatWasMeasuredAtOnce_isOneLine() {
    measured.add(Metric.BATCH_SIZE, 3);
    measured.add(Metric.END_TO_END_AGE, 40);
    measured.add(Metric.END_TO_END_AGE, 41);

    metrics.write(measured);

    assertThat(out.lines())
        .containsExactly(
            """
            {"_aws":{"Timestamp":1795485845123,"CloudWatchMetrics":[{"Namespace":"Confab",\
            "Dimensions":[["Stream","Stage"]],"Metrics":[{"Name":"BatchSize","Unit":"Count"},\
            {"Name":"EndToEndAge","Unit":"Milliseconds"}]}]},"Stream":"confab","Stage":"persist",\
            "BatchSize":3,"EndToEndAge":[40,41]}
            """);
  }

  @Test
  void rejection_hasItsCodeAsADimension_andWhatIsBesideItHasNot() {
    measured.add(Metric.PUT_LATENCY, 12);
    measured.rejected("UNAVAILABLE");

    new EmbeddedMetrics("confab", StageName.INGEST, out, CLOCK).write(measured);

    assertThat(out.lines())
        .containsExactly(
            """
            {"_aws":{"Timestamp":1795485845123,"CloudWatchMetrics":[{"Namespace":"Confab",\
            "Dimensions":[["Stream","Stage"]],"Metrics":[{"Name":"PutLatency",\
            "Unit":"Milliseconds"}]},{"Namespace":"Confab","Dimensions":[["Stream","Stage","Code"]],\
            "Metrics":[{"Name":"Rejected","Unit":"Count"}]}]},"Stream":"confab","Stage":"ingest",\
            "PutLatency":12,"Code":"UNAVAILABLE","Rejected":1}
            """);
  }

  @Test
  void moreValuesThanAnArrayMayHold_goIntoFurtherLines() {
    for (long value = 0; value < 250; value++) {
      measured.add(Metric.END_TO_END_AGE, value);
      measured.add(Metric.PERSISTED, 1);
    }

    metrics.write(measured);

    assertThat(out.lines()).hasSize(3);
    assertThat(written())
        .extracting(series -> series.values().size())
        .containsExactly(100, 1, 100, 50);
    assertThat(written().stream().filter(one -> one.metric() == Metric.END_TO_END_AGE))
        .flatExtracting(Series::values)
        .containsExactlyElementsOf(LongStream.range(0, 250).boxed().toList());
  }

  @Test
  void allThatThereIs_fitsIntoALine() {
    assertThat(Metric.values()).hasSizeLessThanOrEqualTo(100);
    for (Metric metric : Metric.values()) {
      for (int i = 0; i < 100 && metric != Metric.REJECTED; i++) {
        measured.add(metric, Long.MAX_VALUE / 100);
      }
    }
    measured.rejected("INTERNAL");

    new EmbeddedMetrics("s".repeat(128), StageName.PERSIST, out, CLOCK).write(measured);

    assertThat(out.lines()).hasSize(1); // whose size is checked for every line
  }

  @Test
  void outputThatFails_isNobodysConcern() throws IOException {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int octet) throws IOException {
            throw new IOException("disk full");
          }
        };
    PrintStream closed = new PrintStream(new ByteArrayOutputStream(), false, UTF_8);
    closed.close();
    OutputStream faulty =
        new OutputStream() {
          @Override
          public void write(int octet) {
            throw new IllegalStateException("bug");
          }
        };
    for (OutputStream to : List.of(broken, closed, faulty)) {
      measured.add(Metric.PUSHED, 1);
      assertThatCode(
              () -> new EmbeddedMetrics("confab", StageName.FANOUT, to, CLOCK).write(measured))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void file_isAppendedToByAll(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    for (StageName stage : StageName.values()) {
      measured.add(Metric.BATCH_SIZE, 1);
      EmbeddedMetrics.to(file.toString(), "confab", stage, CLOCK).write(measured);
    }

    assertThat(Files.readAllLines(file))
        .hasSize(3)
        .allSatisfy(line -> assertThat(EmfSpecification.breaches(line)).isEmpty());
  }

  @Test
  void off_saysNothing() {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      for (String where : List.of(EmbeddedMetrics.OFF, EmbeddedMetrics.STANDARD_OUTPUT)) {
        measured.add(Metric.BATCH_SIZE, 1);
        EmbeddedMetrics.to(where, where, StageName.FANOUT, CLOCK).write(measured);
        assertThat(measured.drain()).isEmpty();
      }
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(UTF_8).lines())
        .singleElement()
        .asString()
        .contains("\"Stream\":\"stdout\"");
  }
}
