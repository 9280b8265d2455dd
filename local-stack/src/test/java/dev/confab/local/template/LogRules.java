package dev.confab.local.template;

import static dev.confab.local.template.RawTemplate.fields;
import static dev.confab.local.template.RawTemplate.objects;
import static dev.confab.local.template.RawTemplate.reference;
import static dev.confab.local.template.RawTemplate.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.confab.local.template.Value.Fields;
import dev.confab.local.template.Value.Text;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Logs are where somebody looks, go when their time is over, and hold no token and no text. */
final class LogRules {
  /** Lambda counts a metric's line as INFO. */
  private static final Set<String> LEVELS_WITH_METRICS = Set.of("TRACE", "DEBUG", "INFO");

  /** Of API Gateway's variables, those that hold nothing of a query, a header or a body. */
  private static final Set<String> HARMLESS =
      Set.of(
          "$context.authorizer.error",
          "$context.connectionId",
          "$context.error.message",
          "$context.eventType",
          "$context.identity.sourceIp",
          "$context.integration.error",
          "$context.integrationLatency",
          "$context.requestId",
          "$context.routeKey",
          "$context.status");

  private final RawTemplate raw;
  private final Set<String> kept = new LinkedHashSet<>();

  private LogRules(RawTemplate raw) {
    this.raw = raw;
  }

  static void check(RawTemplate raw) {
    LogRules rules = new LogRules(raw);
    raw.ofType("AWS::Logs::LogGroup").forEach(rules::group);
    raw.functions().forEach(rules::function);
    raw.ofType("AWS::ECS::TaskDefinition").forEach(rules::task);
    raw.ofType("AWS::Serverless::WebSocketApi").forEach(rules::api);
  }

  private void group(String id, Fields group) {
    if (text(group, "RetentionInDays").matches("[1-9][0-9]*") && !raw.isConditional(id)) {
      kept.add(id);
    } else {
      raw.complain(id, "keeps logs for good, or is not always there");
    }
  }

  private void retention(String id, @Nullable Value group) {
    if (reference(group).filter(kept::contains).isEmpty()) {
      raw.complain(id, "its logs go to no group of the template that has a retention");
    }
  }

  private void function(String id, Fields function) {
    Fields logging = fields(function, "LoggingConfig");
    retention(id, logging.values().get("LogGroup"));
    if (!text(logging, "LogFormat").equals("JSON")) {
      raw.complain(id, "its log is not JSON, which the filters read");
    }
    String level = text(logging, "ApplicationLogLevel");
    if (!level.isEmpty() && !LEVELS_WITH_METRICS.contains(level)) {
      raw.complain(id, "at the log level " + level + " its metrics are dropped");
    }
  }

  private void task(String id, Fields task) {
    for (Fields container : objects(task, "ContainerDefinitions")) {
      Fields logging = fields(container, "LogConfiguration");
      Fields options = fields(logging, "Options");
      retention(id, options.values().get("awslogs-group"));
      if (!text(logging, "LogDriver").equals("awslogs")) {
        raw.complain(id, "its logs do not go to CloudWatch");
      }
      if (options.values().containsKey("awslogs-create-group")) {
        raw.complain(id, "makes a log group that has no retention");
      }
    }
  }

  private void api(String id, Fields api) {
    settings(id, fields(api, "DefaultRouteSettings"));
    fields(api, "RouteSettings")
        .values()
        .forEach(
            (route, settings) ->
                settings(
                    id + "." + route,
                    settings instanceof Fields fields ? fields : fields(api, route)));
    Fields access = fields(api, "AccessLogSettings");
    retention(id, access.values().get("DestinationArn"));
    if (!(access.values().get("Format") instanceof Text(_, String format))) {
      raw.complain(id, "its access log has no format");
      return;
    }
    try {
      for (JsonNode variable : new ObjectMapper().readTree(format)) {
        if (!HARMLESS.contains(variable.asText())) {
          raw.complain(id, "its access log would hold " + variable.asText());
        }
      }
    } catch (JsonProcessingException broken) {
      raw.complain(id, "its access log is not JSON: " + broken.getOriginalMessage());
    }
  }

  private void settings(String id, Fields settings) {
    if (!text(settings, "DataTraceEnabled").equals("false")) {
      raw.complain(id, "DataTraceEnabled logs tokens and what people write");
    }
    if (!text(settings, "LoggingLevel").equals("OFF")) {
      raw.complain(id, "LoggingLevel makes a log group that has no retention");
    }
  }
}
