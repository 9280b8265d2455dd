package dev.confab.metrics;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.confab.metrics.Measurements.Series;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Metrics as lines of CloudWatch's embedded metric format: CloudWatch Logs makes metrics of what
 * stands in a log, with no call to anybody. What was measured at once is one line and one write, so
 * that the lines of several threads never mix. A line holds numbers, the stream's name, the stage
 * and error codes; nothing that a client sent.
 */
public final class EmbeddedMetrics implements Metrics {
  /** Of all metrics. */
  public static final String NAMESPACE = "Confab";

  /** Which {@link #to} takes for standard output. */
  public static final String STANDARD_OUTPUT = "stdout";

  /** Which {@link #to} takes for silence. */
  public static final String OFF = "off";

  /** Values of one metric in one line: CloudWatch's limit. What is beyond goes into another. */
  static final int MAX_VALUES = 100;

  private static final String STREAM = "Stream";
  private static final String STAGE = "Stage";
  private static final String CODE = "Code";
  private static final JsonFactory JSON = new JsonFactory();

  private final String streamName;
  private final StageName stage;
  private final OutputStream out;
  private final Clock clock;

  /**
   * Of one stage.
   *
   * @param out takes each line in one call; a {@link java.io.PrintStream} may be shared with others
   * @param clock for the time of a line
   */
  public EmbeddedMetrics(String streamName, StageName stage, OutputStream out, Clock clock) {
    this.streamName = streamName;
    this.stage = stage;
    this.out = out;
    this.clock = clock;
  }

  /**
   * Of one stage, to where its environment says.
   *
   * @param where {@link #STANDARD_OUTPUT}, {@link #OFF}, or a file to append to
   */
  public static Metrics to(String where, String streamName, StageName stage, Clock clock) {
    return switch (where) {
      case OFF -> Metrics.none();
      case STANDARD_OUTPUT -> new EmbeddedMetrics(streamName, stage, System.out, clock);
      default -> new EmbeddedMetrics(streamName, stage, new AppendedFile(Path.of(where)), clock);
    };
  }

  @Override
  public void write(Measurements measured) {
    try {
      for (Line line : lines(measured.drain())) {
        write(encode(line));
      }
    } catch (IOException | RuntimeException lost) {
      // Whoever calls has something to do. That CloudWatch hears nothing raises an alarm there.
    }
  }

  private synchronized void write(byte[] line) throws IOException {
    out.write(line, 0, line.length);
    out.flush();
  }

  /** What one line can hold: of each metric one array, and one code. */
  private static final class Line {
    final List<Series> plain = new ArrayList<>();
    @Nullable Series rejected;

    boolean takes(Series series) {
      if (series.code() != null) {
        return rejected == null;
      }
      for (Series other : plain) {
        if (other.metric() == series.metric()) {
          return false;
        }
      }
      return true;
    }

    void add(Series series) {
      if (series.code() != null) {
        rejected = series;
      } else {
        plain.add(series);
      }
    }
  }

  private static List<Line> lines(List<Series> all) {
    List<Line> lines = new ArrayList<>(1);
    for (Series series : all) {
      List<Long> values = series.values();
      for (int from = 0; from < values.size(); from += MAX_VALUES) {
        int to = Math.min(from + MAX_VALUES, values.size());
        lineFor(lines, new Series(series.metric(), series.code(), values.subList(from, to)));
      }
    }
    return lines;
  }

  private static void lineFor(List<Line> lines, Series part) {
    for (Line line : lines) {
      if (line.takes(part)) {
        line.add(part);
        return;
      }
    }
    Line line = new Line();
    line.add(part);
    lines.add(line);
  }

  private byte[] encode(Line line) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    Series rejected = line.rejected;
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeObjectFieldStart("_aws");
      json.writeNumberField("Timestamp", clock.millis());
      json.writeArrayFieldStart("CloudWatchMetrics");
      if (!line.plain.isEmpty()) {
        writeDirective(json, line.plain, STREAM, STAGE);
      }
      if (rejected != null) {
        writeDirective(json, List.of(rejected), STREAM, STAGE, CODE);
      }
      json.writeEndArray();
      json.writeEndObject();
      json.writeStringField(STREAM, streamName);
      json.writeStringField(STAGE, stage.word());
      for (Series series : line.plain) {
        writeValues(json, series);
      }
      if (rejected != null) {
        json.writeStringField(CODE, rejected.code());
        writeValues(json, rejected);
      }
      json.writeEndObject();
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  /** Says which members of the line are metrics, and which their dimensions. */
  private static void writeDirective(JsonGenerator json, List<Series> metrics, String... dimensions)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("Namespace", NAMESPACE);
    json.writeArrayFieldStart("Dimensions");
    json.writeArray(dimensions, 0, dimensions.length);
    json.writeEndArray();
    json.writeArrayFieldStart("Metrics");
    for (Series series : metrics) {
      json.writeStartObject();
      json.writeStringField("Name", series.metric().title());
      json.writeStringField("Unit", series.metric().unit().word());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeValues(JsonGenerator json, Series series) throws IOException {
    json.writeFieldName(series.metric().title());
    if (series.values().size() == 1) {
      json.writeNumber(series.values().getFirst());
      return;
    }
    json.writeStartArray();
    for (long value : series.values()) {
      json.writeNumber(value);
    }
    json.writeEndArray();
  }

  /** Opens and closes the file for each write: nobody has to close it, and many may append. */
  private static final class AppendedFile extends OutputStream {
    private final Path file;

    AppendedFile(Path file) {
      this.file = file;
    }

    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      try (OutputStream end =
          Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        end.write(bytes, from, length);
      }
    }
  }
}
