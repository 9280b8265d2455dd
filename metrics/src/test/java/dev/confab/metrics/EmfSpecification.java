package dev.confab.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What CloudWatch asks of a line in its embedded metric format before it makes metrics of it. */
public final class EmfSpecification {
  /** Of a log event; AWS has raised it since, which not every agent has heard. */
  static final int MAX_BYTES = 256 * 1024;

  private static final int MAX_VALUES = 100;
  private static final int MAX_DIMENSION_CHARS = 1024;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final Schema SCHEMA = schema();

  private EmfSpecification() {}

  private static Schema schema() {
    try (InputStream file =
        EmfSpecification.class.getResourceAsStream("embedded-metric-format.schema.json")) {
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(JSON.readTree(file));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Every breach, a line each; empty for a line of which CloudWatch makes its metrics. */
  public static List<String> breaches(String line) {
    List<String> breaches = new ArrayList<>();
    if (line.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      breaches.add("larger than a log event may be");
    }
    JsonNode root;
    try {
      root = JSON.readTree(line);
    } catch (JsonProcessingException notJson) {
      breaches.add("not one JSON object: " + notJson.getOriginalMessage());
      return breaches;
    }
    SCHEMA.validate(root).forEach(error -> breaches.add(error.toString()));
    for (JsonNode directive : root.path("_aws").path("CloudWatchMetrics")) {
      for (JsonNode metric : directive.path("Metrics")) {
        String name = metric.path("Name").asText();
        if (!isValue(root.path(name))) {
          breaches.add(name + " is no number and no array of 1 to 100 numbers");
        }
      }
      for (JsonNode set : directive.path("Dimensions")) {
        for (JsonNode dimension : set) {
          JsonNode value = root.path(dimension.asText());
          if (!value.isTextual() || !isDimensionValue(value.asText())) {
            breaches.add(dimension.asText() + " is no text of a dimension");
          }
        }
      }
    }
    return breaches;
  }

  private static boolean isValue(JsonNode value) {
    if (!value.isArray()) {
      return value.isNumber();
    }
    boolean allAreNumbers = true;
    for (JsonNode one : value) {
      allAreNumbers &= one.isNumber();
    }
    return allAreNumbers && !value.isEmpty() && value.size() <= MAX_VALUES;
  }

  private static boolean isDimensionValue(String text) {
    return !text.isBlank()
        && text.length() <= MAX_DIMENSION_CHARS
        && text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }

  /** What a line says, by which it can be held against what was measured. */
  public static List<Reading> readings(String line) {
    List<Reading> readings = new ArrayList<>();
    try {
      JsonNode root = JSON.readTree(line);
      for (JsonNode directive : root.path("_aws").path("CloudWatchMetrics")) {
        List<String> dimensions = new ArrayList<>();
        directive.path("Dimensions").path(0).forEach(name -> dimensions.add(name.asText()));
        for (JsonNode metric : directive.path("Metrics")) {
          JsonNode value = root.path(metric.path("Name").asText());
          List<Long> values = new ArrayList<>();
          if (value.isArray()) {
            value.forEach(one -> values.add(one.asLong()));
          } else {
            values.add(value.asLong());
          }
          readings.add(
              new Reading(
                  directive.path("Namespace").asText(),
                  dimensions,
                  root.path("Stream").asText(),
                  root.path("Stage").asText(),
                  dimensions.contains("Code") ? root.path("Code").asText() : "",
                  metric.path("Name").asText(),
                  metric.path("Unit").asText(),
                  values));
        }
      }
    } catch (JsonProcessingException notJson) {
      throw new IllegalArgumentException(line, notJson);
    }
    return readings;
  }

  /**
   * One metric of a line.
   *
   * @param code empty where the dimension isn't there
   */
  public record Reading(
      String namespace,
      List<String> dimensions,
      String stream,
      String stage,
      String code,
      String name,
      String unit,
      List<Long> values) {}
}
