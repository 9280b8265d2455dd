package dev.confab.local.template;

import dev.confab.local.template.Value.Fields;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Reads a template's sections, and knows its resources by their logical ids. */
final class TemplateReader implements Resolver.References {
  private static final String FUNCTION = "AWS::Serverless::Function";
  private static final String API = "AWS::Serverless::WebSocketApi";
  private static final String ROUTE_RESPONSE = "AWS::ApiGatewayV2::RouteResponse";
  private static final String STREAM = "AWS::Kinesis::Stream";
  private static final String TABLE = "AWS::DynamoDB::Table";
  private static final String QUEUE = "AWS::SQS::Queue";
  private static final String TASK = "AWS::ECS::TaskDefinition";

  private static final Set<String> RUN =
      Set.of(FUNCTION, API, ROUTE_RESPONSE, STREAM, TABLE, QUEUE, TASK);

  /**
   * Rights, logs, alarms, and where and how often tasks run: this machine has none of them. KCL
   * registers its stream consumers itself.
   */
  private static final Set<String> WITHOUT_EFFECT_HERE =
      Set.of(
          "AWS::ApiGateway::Account",
          "AWS::ApplicationAutoScaling::ScalableTarget",
          "AWS::ApplicationAutoScaling::ScalingPolicy",
          "AWS::CloudWatch::Alarm",
          "AWS::CloudWatch::Dashboard",
          "AWS::EC2::SecurityGroup",
          "AWS::ECS::Cluster",
          "AWS::ECS::Service",
          "AWS::IAM::ManagedPolicy",
          "AWS::IAM::Role",
          "AWS::Kinesis::StreamConsumer",
          "AWS::Logs::LogGroup",
          "AWS::Logs::MetricFilter",
          "AWS::SQS::QueuePolicy");

  private static final Set<String> SECTIONS =
      Set.of(
          "AWSTemplateFormatVersion",
          "Transform",
          "Description",
          "Metadata",
          "Parameters",
          "Conditions",
          "Globals",
          "Resources",
          "Outputs");

  private static final Set<String> ATTRIBUTES =
      Set.of(
          "Type",
          "Properties",
          "Condition",
          "DependsOn",
          "DeletionPolicy",
          "UpdateReplacePolicy",
          "Metadata");

  private final TemplateFile file;
  private final LocalValues local;
  private final Resolver resolver;
  private final Map<String, Resource> resources = new LinkedHashMap<>();

  record Resource(String type, Properties properties) {}

  private TemplateReader(
      TemplateFile file, Fields root, LocalValues local, Map<String, String> parameters) {
    this.file = file;
    this.local = local;
    this.resolver =
        new Resolver(
            file, local, Parameters.resolve(file, section(root, "Parameters"), parameters), this);
    resolver.conditions(section(root, "Conditions"));
    Value globals = globals(root);
    section(root, "Resources").forEach((id, value) -> addResource(id, value, globals));
  }

  static Template read(
      String name, String yaml, LocalValues local, Map<String, String> parameters) {
    TemplateFile file = new TemplateFile(name);
    Fields root = file.parse(yaml);
    root.values()
        .forEach(
            (section, value) -> {
              if (!SECTIONS.contains(section)) {
                throw file.at(value.line(), section, "is not supported by local runs");
              }
            });
    return new TemplateReader(file, root, local, parameters).template();
  }

  private Map<String, Value> section(Fields root, String name) {
    Value section = root.values().get(name);
    if (section == null) {
      return Map.of();
    }
    return fields(section, name).values();
  }

  private Fields fields(Value value, String where) {
    if (value instanceof Fields fields) {
      return fields;
    }
    throw file.at(value.line(), where, "must be a mapping");
  }

  private Value globals(Fields root) {
    Map<String, Value> globals = section(root, "Globals");
    globals.forEach(
        (kind, value) -> {
          if (!kind.equals("Function")) {
            throw file.at(value.line(), "Globals." + kind, "is not supported by local runs");
          }
        });
    return globals.getOrDefault("Function", new Fields(1, Map.of()));
  }

  private void addResource(String id, Value value, Value functionGlobals) {
    Fields resource = fields(value, id);
    resource
        .values()
        .forEach(
            (name, attribute) -> {
              if (!ATTRIBUTES.contains(name)) {
                throw file.at(attribute.line(), id, name + " is not supported by local runs");
              }
            });
    if (resource.values().get("Condition") instanceof Value.Text(int line, String condition)
        && !resolver.holds(condition, line, id)) {
      return;
    }
    Value type = resource.values().getOrDefault("Type", new Value.Text(resource.line(), "no Type"));
    String typeName = resolver.text(type, id);
    if (WITHOUT_EFFECT_HERE.contains(typeName)) {
      return;
    }
    if (!RUN.contains(typeName)) {
      throw file.at(type.line(), id, typeName + " is not supported by local runs");
    }
    Value properties =
        resource.values().getOrDefault("Properties", new Fields(resource.line(), Map.of()));
    Value merged =
        typeName.equals(FUNCTION) ? Value.merge(functionGlobals, properties) : properties;
    resources.put(
        id, new Resource(typeName, new Properties(file, resolver, id, fields(merged, id))));
  }

  private Template template() {
    Map<String, Properties> apis = ofType(API);
    if (apis.size() != 1) {
      throw file.at(1, "Resources", "local runs need one " + API + ", not " + apis.size());
    }
    Map.Entry<String, Properties> api = apis.entrySet().iterator().next();
    Map<String, String> functionsByArn = new LinkedHashMap<>();
    ofType(FUNCTION)
        .forEach(
            (id, function) -> {
              functionsByArn.put(functionArn(id), id);
              functionsByArn.put(aliasArn(id, function), id);
            });
    return new Template(
        new ApiReader(api.getKey(), api.getValue(), functionsByArn).read(ofType(ROUTE_RESPONSE)),
        read(FUNCTION, (id, function) -> Resources.function(id, functionName(id), function)),
        read(STREAM, (id, stream) -> Resources.stream(id, nameOf(id, "Name"), stream)),
        read(TABLE, (id, table) -> Resources.table(id, nameOf(id, "TableName"), table)),
        read(
            QUEUE,
            (id, queue) -> Resources.queue(id, nameOf(id, "QueueName"), queueUrl(id), queue)),
        read(TASK, Resources::task));
  }

  private Map<String, Properties> ofType(String type) {
    Map<String, Properties> found = new LinkedHashMap<>();
    resources.forEach(
        (id, resource) -> {
          if (resource.type().equals(type)) {
            found.put(id, resource.properties());
          }
        });
    return found;
  }

  private <T> Map<String, T> read(String type, BiFunction<String, Properties, T> reader) {
    Map<String, T> read = new LinkedHashMap<>();
    ofType(type).forEach((id, properties) -> read.put(id, reader.apply(id, properties)));
    return Collections.unmodifiableMap(read);
  }

  @Override
  public @Nullable String ref(String name) {
    if (name.endsWith(".Alias")) { // SAM's own way to say it
      String id = name.substring(0, name.length() - ".Alias".length());
      Resource function = resources.get(id);
      return function == null || !function.type().equals(FUNCTION)
          ? null
          : aliasArn(id, function.properties());
    }
    Resource resource = resources.get(name);
    if (resource == null) {
      return isRoute(name) ? name : null;
    }
    return switch (resource.type()) {
      case FUNCTION -> functionName(name);
      case API -> local.apiId();
      case STREAM -> nameOf(name, "Name");
      case TABLE -> nameOf(name, "TableName");
      case QUEUE -> queueUrl(name);
      default -> null;
    };
  }

  /** Whether SAM makes a route of this logical id. */
  private boolean isRoute(String name) {
    return ofType(API).entrySet().stream()
        .anyMatch(
            api -> ApiReader.routesByLogicalId(api.getKey(), api.getValue()).containsKey(name));
  }

  @Override
  public @Nullable String attribute(String id, String attribute) {
    Resource resource = resources.get(id);
    if (resource == null) {
      return null;
    }
    return switch (resource.type() + "." + attribute) {
      case FUNCTION + ".Arn" -> functionArn(id);
      case STREAM + ".Arn" -> local.arn("kinesis", "stream/" + nameOf(id, "Name"));
      case TABLE + ".Arn" -> local.arn("dynamodb", "table/" + nameOf(id, "TableName"));
      case QUEUE + ".Arn" -> local.arn("sqs", nameOf(id, "QueueName"));
      case QUEUE + ".QueueName" -> nameOf(id, "QueueName");
      case QUEUE + ".QueueUrl" -> queueUrl(id);
      default -> null;
    };
  }

  /** What the template calls a resource, or else what CloudFormation might. */
  private String nameOf(String id, String property) {
    Resource resource = resources.get(id);
    String fallback = local.stackName() + "-" + id;
    return resource == null ? fallback : resource.properties().text(property, fallback);
  }

  private String functionName(String id) {
    return local.stackName() + "-" + id;
  }

  private String functionArn(String id) {
    return local.arn("lambda", "function:" + functionName(id));
  }

  private String aliasArn(String id, Properties function) {
    return functionArn(id) + ":" + function.text("AutoPublishAlias");
  }

  private String queueUrl(String id) {
    return local.queues() + "/" + local.accountId() + "/" + nameOf(id, "QueueName");
  }
}
