package dev.confab.local.template;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.confab.events.ClientFrame;
import dev.confab.events.ErrorCode;
import dev.confab.local.template.Value.Call;
import dev.confab.local.template.Value.Fields;
import dev.confab.local.template.Value.Items;
import dev.confab.local.template.Value.Text;
import dev.confab.metrics.EmbeddedMetrics;
import dev.confab.metrics.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What must hold in a template that is to be deployed, beyond what CloudFormation and its linter
 * would say: both are content with a policy that allows all, and with a queue that nobody watches.
 */
final class TemplateRules {
  /** What AWS sets for a function, and for a container whose template names it. */
  private static final Set<String> OF_THE_FUNCTION = Set.of("AWS_REGION");

  /** What Java itself reads. */
  private static final String JAVA_OPTIONS = "JAVA_TOOL_OPTIONS";

  /** What only a local run or a test sets. */
  private static final Pattern LOCAL_ONLY =
      Pattern.compile("AWS_ENDPOINT_URL_[A-Z0-9]+|WORKER_ID|FAILOVER|METRICS_TO");

  /** Lambda counts a metric's line as INFO. */
  private static final Set<String> LEVELS_WITH_METRICS = Set.of("TRACE", "DEBUG", "INFO");

  private static final Pattern SEARCH =
      Pattern.compile("SEARCH\\('\\{Confab,([A-Za-z,]+)} MetricName=\"([A-Za-z]+)\"");

  private static final Set<String> WHO_AND_WHAT =
      Set.of("Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal");

  private final List<String> lines;
  private final Template template;
  private final Map<String, Fields> resources = new LinkedHashMap<>();
  private final Fields functionGlobals;
  private final List<String> complaints = new ArrayList<>();

  private TemplateRules(String yaml) {
    lines = yaml.lines().toList();
    Fields root = new TemplateFile("template.yaml").parse(yaml);
    template =
        TemplateReader.read("template.yaml", yaml, TemplateTest.LOCAL, TemplateTest.PARAMETERS);
    fields(root, "Resources")
        .values()
        .forEach((id, resource) -> resources.put(id, (Fields) resource));
    functionGlobals = fields(fields(root, "Globals"), "Function");
  }

  /** Every breach, a line each that names where it is; empty for a template that may go out. */
  static List<String> breaches(String yaml) {
    TemplateRules rules;
    try {
      rules = new TemplateRules(yaml);
    } catch (TemplateException refused) { // routes and their responses are checked by every reader
      return List.of(String.valueOf(refused.getMessage()));
    }
    rules.handlers();
    rules.variables();
    rules.actions();
    rules.alarms();
    rules.metrics();
    rules.wildcards();
    rules.logs();
    return List.copyOf(rules.complaints);
  }

  private void handlers() {
    template
        .functions()
        .forEach(
            (id, function) -> {
              try {
                var _ =
                    Class.forName(function.handlerClass())
                        .asSubclass(RequestStreamHandler.class)
                        .getConstructor();
              } catch (ReflectiveOperationException | ClassCastException unusable) {
                complaints.add(id + ": " + function.handlerClass() + " is no handler: " + unusable);
              }
            });
  }

  private void variables() {
    template
        .functions()
        .forEach(
            (id, function) ->
                compare(
                    id,
                    function.environment().keySet(),
                    Variables.readByHandler(function.handlerClass()),
                    OF_THE_FUNCTION));
    template
        .tasks()
        .forEach((id, task) -> compare(id, task.environment().keySet(), task(id), Set.of()));
  }

  private static Set<String> task(String id) {
    return switch (id) {
      case "PersistTask" -> Variables.readByPersist();
      case "FanoutTask" -> Variables.readByFanout();
      default -> throw new IllegalArgumentException("what does " + id + " run?");
    };
  }

  private void compare(String id, Set<String> set, Set<String> read, Set<String> setByAws) {
    for (String name : read) {
      if (!set.contains(name) && !setByAws.contains(name) && !LOCAL_ONLY.matcher(name).matches()) {
        complaints.add(id + ": " + name + " is read, but not set");
      }
    }
    for (String name : set) {
      if (!read.contains(name) && !name.equals(JAVA_OPTIONS)) {
        complaints.add(id + ": " + name + " is set, but nothing reads it");
      }
    }
  }

  private void actions() {
    for (Class<?> frame : ClientFrame.class.getPermittedSubclasses()) {
      String name = frame.getSimpleName();
      String action = name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
      Template.Route route = template.api().routes().get(action);
      if (route == null) {
        complaints.add(template.api().logicalId() + ": the action " + action + " has no route");
      } else if (!route.twoWay()) {
        complaints.add(
            template.api().logicalId() + ": the route " + action + " has no route response");
      }
    }
  }

  private void alarms() {
    Set<String> watched = new LinkedHashSet<>();
    ofType("AWS::CloudWatch::Alarm")
        .forEach(
            (_, alarm) -> {
              for (Fields dimension : dimensions(alarm)) {
                reference(dimension.values().get("Value")).ifPresent(watched::add);
              }
            });
    Stream.concat(template.streams().keySet().stream(), template.queues().keySet().stream())
        .filter(id -> !watched.contains(id))
        .forEach(id -> complaints.add(id + ": no alarm watches it"));
  }

  /** What is watched or shown of the stages' own is something that they measure. */
  private void metrics() {
    ofType("AWS::CloudWatch::Alarm")
        .forEach(
            (id, alarm) -> {
              watched(id, alarm);
              for (Fields metric : objects(alarm, "Metrics")) {
                watched(id, fields(fields(metric, "MetricStat"), "Metric"));
              }
            });
    ofType("AWS::CloudWatch::Dashboard")
        .forEach(
            (id, dashboard) -> {
              if (dashboard.values().get("DashboardBody")
                  instanceof Call(_, String _, Text(_, String body))) {
                shown(id, body);
              }
            });
  }

  private void watched(String id, Fields metric) {
    boolean isOurs = EmbeddedMetrics.NAMESPACE.equals(text(metric, "Namespace"));
    String title = text(metric, "MetricName");
    if (!isOurs || title.isEmpty()) { // a name that is made up is a log filter's
      return;
    }
    Map<String, String> dimensions = new LinkedHashMap<>();
    for (Fields dimension : objects(metric, "Dimensions")) {
      dimensions.put(
          text(dimension, "Name"),
          reference(dimension.values().get("Value"))
              .map(name -> "${" + name + "}")
              .orElse(text(dimension, "Value")));
    }
    compare(id, title, dimensions);
  }

  private void shown(String id, String body) {
    JsonNode widgets;
    try {
      widgets = new ObjectMapper().readTree(body).path("widgets");
    } catch (JsonProcessingException broken) {
      complaints.add(id + ": its body is not JSON: " + broken.getOriginalMessage());
      return;
    }
    for (JsonNode widget : widgets) {
      for (JsonNode row : widget.path("properties").path("metrics")) {
        Matcher search = SEARCH.matcher(row.path(0).path("expression").asText());
        if (search.find()) {
          compareNames(id, search.group(2), Set.of(search.group(1).split(",")));
        } else if (row.path(0).asText().equals(EmbeddedMetrics.NAMESPACE)) {
          Map<String, String> dimensions = new LinkedHashMap<>();
          for (int i = 2; i + 1 < row.size(); i += 2) {
            dimensions.put(row.path(i).asText(), row.path(i + 1).asText());
          }
          compare(id, row.path(1).asText(), dimensions);
        }
      }
    }
  }

  private void compare(String id, String title, Map<String, String> dimensions) {
    Metric metric = compareNames(id, title, dimensions.keySet());
    if (metric == null) {
      return;
    }
    String stage = dimensions.get("Stage");
    if (metric.stages().stream().noneMatch(one -> one.word().equals(stage))) {
      complaints.add(id + ": " + stage + " does not measure " + title);
    }
    if (!"${ChatStream}".equals(dimensions.get("Stream"))) {
      complaints.add(id + ": " + title + " is of the stream " + dimensions.get("Stream"));
    }
    String code = dimensions.get("Code");
    if (code != null && Stream.of(ErrorCode.values()).noneMatch(one -> one.name().equals(code))) {
      complaints.add(id + ": there is no error code " + code);
    }
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
      complaints.add(id + ": no stage measures " + title);
    } else if (!dimensions.equals(real)) {
      complaints.add(id + ": " + title + " has other dimensions than " + dimensions);
      return null;
    }
    return metric;
  }

  /** Of the alarm's own metric, or of those that its expression names. */
  private static List<Fields> dimensions(Fields alarm) {
    List<Fields> found = new ArrayList<>(objects(alarm, "Dimensions"));
    for (Fields metric : objects(alarm, "Metrics")) {
      found.addAll(objects(fields(fields(metric, "MetricStat"), "Metric"), "Dimensions"));
    }
    return found;
  }

  private void wildcards() {
    resources.forEach((id, resource) -> statements(id, resource));
    statements("Globals", functionGlobals);
  }

  private void statements(String id, Value value) {
    switch (value) {
      case Fields(_, Map<String, Value> fields) -> {
        if (fields.containsKey("Effect")) {
          fields.forEach(
              (name, part) -> {
                if (WHO_AND_WHAT.contains(name)) {
                  unexplained(id, part);
                }
              });
        }
        fields.values().forEach(below -> statements(id, below));
      }
      case Items(_, List<Value> items) -> items.forEach(below -> statements(id, below));
      case Call(_, _, Value argument) -> statements(id, argument);
      case Text _ -> {}
    }
  }

  private void unexplained(String id, Value value) {
    switch (value) {
      case Text(int line, String text) -> {
        if (text.contains("*") && !isExplained(line)) {
          complaints.add(
              id + ": line " + line + " allows or denies " + text + " and no comment says why");
        }
      }
      case Items(_, List<Value> items) -> items.forEach(one -> unexplained(id, one));
      case Fields(_, Map<String, Value> fields) ->
          fields.values().forEach(one -> unexplained(id, one));
      case Call(_, _, Value argument) -> unexplained(id, argument);
    }
  }

  /** By a comment behind it, or on the line before. */
  private boolean isExplained(int line) {
    return lines.get(line - 1).contains(" # ")
        || (line > 1 && lines.get(line - 2).strip().startsWith("#"));
  }

  private void logs() {
    Set<String> kept = new LinkedHashSet<>();
    ofType("AWS::Logs::LogGroup")
        .forEach(
            (id, group) -> {
              if (group.values().containsKey("RetentionInDays")) {
                kept.add(id);
              }
            });
    ofType("AWS::Serverless::Function")
        .forEach(
            (id, own) -> {
              Fields function = (Fields) Value.merge(functionGlobals, own);
              Fields logging = fields(function, "LoggingConfig");
              retention(id, logging.values().get("LogGroup"), kept);
              String level = text(logging, "ApplicationLogLevel");
              if (!level.isEmpty() && !LEVELS_WITH_METRICS.contains(level)) {
                complaints.add(id + ": at the log level " + level + " its metrics are dropped");
              }
            });
    ofType("AWS::ECS::TaskDefinition")
        .forEach(
            (id, task) -> {
              for (Fields container : objects(task, "ContainerDefinitions")) {
                Fields options = fields(fields(container, "LogConfiguration"), "Options");
                retention(id, options.values().get("awslogs-group"), kept);
              }
            });
  }

  private void retention(String id, @Nullable Value group, Set<String> kept) {
    if (reference(group).filter(kept::contains).isEmpty()) {
      complaints.add(id + ": its logs go to no group of the template that has a retention");
    }
  }

  private Map<String, Fields> ofType(String type) {
    Map<String, Fields> found = new LinkedHashMap<>();
    resources.forEach(
        (id, resource) -> {
          if (resource.values().get("Type") instanceof Text(_, String text) && text.equals(type)) {
            found.put(id, fields(resource, "Properties"));
          }
        });
    return found;
  }

  /** The logical id that a value speaks of. */
  private static Optional<String> reference(@Nullable Value value) {
    if (value instanceof Call(_, String function, Text(_, String name))) {
      return switch (function) {
        case "Ref" -> Optional.of(name);
        case "Fn::GetAtt" -> Optional.of(name.split("\\.", 2)[0]);
        default -> Optional.empty();
      };
    }
    return Optional.empty();
  }

  private static Fields fields(Fields parent, String name) {
    return parent.values().get(name) instanceof Fields fields ? fields : new Fields(0, Map.of());
  }

  /** Empty where there is none. */
  private static String text(Fields parent, String name) {
    return parent.values().get(name) instanceof Text(_, String text) ? text : "";
  }

  private static List<Fields> objects(Fields parent, String name) {
    return parent.values().get(name) instanceof Items(_, List<Value> items)
        ? items.stream().filter(Fields.class::isInstance).map(Fields.class::cast).toList()
        : List.of();
  }
}
