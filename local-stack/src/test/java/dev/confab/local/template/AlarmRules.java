package dev.confab.local.template;

import static dev.confab.local.template.RawTemplate.fields;
import static dev.confab.local.template.RawTemplate.items;
import static dev.confab.local.template.RawTemplate.names;
import static dev.confab.local.template.RawTemplate.objects;
import static dev.confab.local.template.RawTemplate.text;
import static dev.confab.local.template.RawTemplate.written;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.confab.events.ErrorCode;
import dev.confab.local.template.Value.Call;
import dev.confab.local.template.Value.Fields;
import dev.confab.local.template.Value.Text;
import dev.confab.metrics.EmbeddedMetrics;
import dev.confab.metrics.Metric;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is watched is something that is measured, of something that is there, and somebody hears of
 * it. An alarm on anything else never comes, or never goes: CloudWatch takes every name.
 */
final class AlarmRules {
  /** Of AWS' own, those that are watched or shown. */
  private static final Map<String, Set<String>> MEASURED_BY_AWS =
      Map.of(
          "AWS/ApiGateway",
          Set.of(
              "ClientError", "ConnectCount", "ExecutionError", "IntegrationError", "MessageCount"),
          "AWS/DynamoDB",
          Set.of(
              "ConsumedReadCapacityUnits",
              "ConsumedWriteCapacityUnits",
              "ReadThrottleEvents",
              "WriteThrottleEvents"),
          "AWS/ECS",
          Set.of("CPUUtilization"),
          "AWS/Kinesis",
          Set.of(
              "GetRecords.IteratorAgeMilliseconds",
              "IncomingRecords",
              "ReadProvisionedThroughputExceeded",
              "WriteProvisionedThroughputExceeded"),
          "AWS/Lambda",
          Set.of("ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles"),
          "AWS/SQS",
          Set.of("ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"),
          "ECS/ContainerInsights",
          Set.of("DesiredTaskCount", "RunningTaskCount"));

  /** By what AWS tells its own apart. */
  private static final Map<String, List<Set<String>>> DIMENSIONS =
      Map.of(
          "AWS/ApiGateway", List.of(Set.of("ApiId", "Stage")),
          "AWS/DynamoDB",
              List.of(Set.of("TableName"), Set.of("TableName", "GlobalSecondaryIndexName")),
          "AWS/ECS", List.of(Set.of("ClusterName", "ServiceName")),
          "AWS/Kinesis", List.of(Set.of("StreamName")),
          "AWS/Lambda", List.of(Set.of("FunctionName")),
          "AWS/SQS", List.of(Set.of("QueueName")),
          "ECS/ContainerInsights", List.of(Set.of("ClusterName", "ServiceName")));

  /** What a dimension holds: a resource's type, and how its name is had. */
  private static final Map<String, String> HELD =
      Map.of(
          "ApiId", "AWS::Serverless::WebSocketApi",
          "ClusterName", "AWS::ECS::Cluster",
          "FunctionName", "AWS::Serverless::Function",
          "QueueName", "AWS::SQS::Queue.QueueName",
          "ServiceName", "AWS::ECS::Service.Name",
          "StreamName", "AWS::Kinesis::Stream",
          "TableName", "AWS::DynamoDB::Table");

  private static final Pattern SEARCH =
      Pattern.compile("SEARCH\\('\\{Confab,([A-Za-z,]+)} MetricName=\"([A-Za-z]+)\"");

  /**
   * A metric that is watched or shown.
   *
   * @param dimensions their values as a Sub would write them
   */
  private record Watched(String namespace, String name, Map<String, String> dimensions) {}

  private final RawTemplate raw;
  private final Template template;

  private AlarmRules(RawTemplate raw, Template template) {
    this.raw = raw;
    this.template = template;
  }

  static void check(RawTemplate raw, Template template) {
    AlarmRules rules = new AlarmRules(raw, template);
    Set<String> watched = new HashSet<>();
    raw.ofType("AWS::CloudWatch::Alarm")
        .forEach(
            (id, alarm) -> {
              boolean isHeard = rules.isHeard(id, alarm);
              rules.expression(id, alarm);
              for (Watched metric : metrics(alarm)) {
                if (rules.measured(id, metric) && isHeard && !raw.isConditional(id)) {
                  watches(metric, watched);
                }
              }
            });
    Stream.concat(template.streams().keySet().stream(), template.queues().keySet().stream())
        .filter(id -> !watched.contains("${" + id + "}"))
        .forEach(id -> raw.complain(id, "no alarm watches it"));
    raw.ofType("AWS::CloudWatch::Dashboard").forEach(rules::dashboard);
  }

  /** Of the alarm itself, or of those that its expression names. */
  private static List<Watched> metrics(Fields alarm) {
    return Stream.concat(
            Stream.of(alarm),
            objects(alarm, "Metrics").stream()
                .map(one -> fields(fields(one, "MetricStat"), "Metric")))
        .filter(metric -> metric.values().containsKey("MetricName"))
        .map(
            metric -> {
              Map<String, String> dimensions = new LinkedHashMap<>();
              for (Fields dimension : objects(metric, "Dimensions")) {
                dimensions.put(text(dimension, "Name"), written(dimension.values().get("Value")));
              }
              return new Watched(
                  text(metric, "Namespace"),
                  written(metric.values().get("MetricName")),
                  dimensions);
            })
        .toList();
  }

  private boolean isHeard(String id, Fields alarm) {
    boolean isHeard =
        items(alarm, "AlarmActions").stream().anyMatch(one -> !names(one).isEmpty())
            && !text(alarm, "ActionsEnabled").equals("false");
    if (!isHeard) {
      raw.complain(id, "nobody hears of it: it has no AlarmActions");
    }
    if (text(alarm, "MetricName").equals(Metric.MILLIS_BEHIND_LATEST.title())
        && !text(alarm, "TreatMissingData").equals("breaching")) {
      raw.complain(id, "a consumer that says nothing is no better than one that is late");
    }
    return isHeard;
  }

  /** What an alarm's expression does not name, it does not watch. */
  private void expression(String id, Fields alarm) {
    String expressions =
        String.join(
            " ", objects(alarm, "Metrics").stream().map(one -> text(one, "Expression")).toList());
    if (expressions.contains("METRICS()")) {
      return;
    }
    for (Fields metric : objects(alarm, "Metrics")) {
      String name = text(metric, "Id");
      if (text(metric, "ReturnData").equals("false")
          && !Pattern.compile("\\b" + Pattern.quote(name) + "\\b").matcher(expressions).find()) {
        raw.complain(id, "its expression leaves " + name + " out");
      }
    }
  }

  /** Which stream or queue a metric that is measured speaks of. */
  private static void watches(Watched metric, Set<String> watched) {
    String dimension =
        switch (metric.namespace()) {
          case "AWS/SQS" -> "QueueName";
          case "AWS/Kinesis" -> "StreamName";
          case EmbeddedMetrics.NAMESPACE ->
              metric.name().equals(Metric.MILLIS_BEHIND_LATEST.title()) ? "Stream" : "";
          default -> "";
        };
    watched.add(metric.dimensions().getOrDefault(dimension, "").replace(".QueueName}", "}"));
  }

  private static boolean isOfAws(Watched metric) {
    return MEASURED_BY_AWS.getOrDefault(metric.namespace(), Set.of()).contains(metric.name())
        && DIMENSIONS
            .getOrDefault(metric.namespace(), List.of())
            .contains(metric.dimensions().keySet());
  }

  /** Whether it is; complains if not. */
  private boolean measured(String id, Watched metric) {
    if (metric.namespace().equals(EmbeddedMetrics.NAMESPACE)) {
      return metric.name().contains("${") ? filtered(id, metric) : measuredByUs(id, metric);
    }
    if (!isOfAws(metric)) {
      raw.complain(
          id,
          "AWS measures no %s of %s by %s"
              .formatted(metric.name(), metric.namespace(), metric.dimensions().keySet()));
      return false;
    }
    boolean isThere = true;
    for (Map.Entry<String, String> dimension : metric.dimensions().entrySet()) {
      if (!holds(dimension.getKey(), dimension.getValue())) {
        raw.complain(
            id, "the dimension " + dimension.getKey() + " can't be " + dimension.getValue());
        isThere = false;
      }
    }
    return isThere;
  }

  /** Whether the dimension's value is the name of such a thing in this template. */
  private boolean holds(String dimension, String value) {
    String[] reference = value.replaceAll("^\\$\\{(.*)}$", "$1").split("\\.", 2);
    String attribute = reference.length > 1 ? "." + reference[1] : "";
    return switch (dimension) {
      case "Stage" -> value.equals("${StageName}");
      case "GlobalSecondaryIndexName" ->
          template.tables().values().stream()
              .flatMap(table -> table.indexes().stream())
              .anyMatch(index -> index.name().equals(value));
      default -> (raw.typeOf(reference[0]) + attribute).equals(HELD.get(dimension));
    };
  }

  private boolean filtered(String id, Watched metric) {
    boolean isMade =
        raw.ofType("AWS::Logs::MetricFilter").values().stream()
            .flatMap(filter -> objects(filter, "MetricTransformations").stream())
            .anyMatch(
                made ->
                    text(made, "MetricNamespace").equals(EmbeddedMetrics.NAMESPACE)
                        && written(made.values().get("MetricName")).equals(metric.name()));
    if (!isMade || !metric.dimensions().isEmpty()) {
      raw.complain(id, "no filter makes " + metric.name());
      return false;
    }
    return true;
  }

  private void dashboard(String id, Fields dashboard) {
    if (!(dashboard.values().get("DashboardBody") instanceof Call(_, _, Text(_, String body)))) {
      return;
    }
    JsonNode widgets;
    try {
      widgets = new ObjectMapper().readTree(body).path("widgets");
    } catch (JsonProcessingException broken) {
      raw.complain(id, "its body is not JSON: " + broken.getOriginalMessage());
      return;
    }
    for (JsonNode widget : widgets) {
      for (JsonNode row : widget.path("properties").path("metrics")) {
        Matcher search = SEARCH.matcher(row.path(0).path("expression").asText());
        if (search.find()) {
          compareNames(id, search.group(2), Set.of(search.group(1).split(",")));
        } else {
          Map<String, String> dimensions = new LinkedHashMap<>();
          for (int i = 2; i + 1 < row.size(); i += 2) {
            dimensions.put(row.path(i).asText(), row.path(i + 1).asText());
          }
          measured(id, new Watched(row.path(0).asText(), row.path(1).asText(), dimensions));
        }
      }
    }
  }

  private boolean measuredByUs(String id, Watched watched) {
    Map<String, String> dimensions = watched.dimensions();
    Metric metric = compareNames(id, watched.name(), dimensions.keySet());
    if (metric == null) {
      return false;
    }
    String stage = dimensions.get("Stage");
    if (metric.stages().stream().noneMatch(one -> one.word().equals(stage))) {
      raw.complain(id, stage + " does not measure " + watched.name());
    }
    if (!"${ChatStream}".equals(dimensions.get("Stream"))) {
      raw.complain(id, watched.name() + " is of the stream " + dimensions.get("Stream"));
    }
    String code = dimensions.get("Code");
    if (code != null && Stream.of(ErrorCode.values()).noneMatch(one -> one.name().equals(code))) {
      raw.complain(id, "there is no error code " + code);
    }
    return true;
  }

  private @Nullable Metric compareNames(String id, String title, Set<String> dimensions) {
    Metric metric =
        Stream.of(Metric.values())
            .filter(one -> one.title().equals(title))
            .findFirst()
            .orElse(null);
    Set<String> real =
        metric == Metric.REJECTED ? Set.of("Stream", "Stage", "Code") : Set.of("Stream", "Stage");
    if (metric == null) {
      raw.complain(id, "no stage measures " + title);
    } else if (!dimensions.equals(real)) {
      raw.complain(id, title + " has other dimensions than " + dimensions);
      return null;
    }
    return metric;
  }
}
