package dev.confab.local.template;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads one resource of each kind; what it doesn't know of one it refuses by name. */
final class Resources {
  private Resources() {}

  static Template.Function function(String id, String name, Properties function) {
    function.allow(
        Set.of("Handler", "Timeout", "Environment", "AutoPublishAlias", "Runtime"),
        Set.of(
            "Architectures",
            "AutoPublishAliasAllProperties",
            "CodeUri",
            "DeploymentPreference",
            "Description",
            "LoggingConfig",
            "MemorySize",
            "PermissionsBoundary",
            "Policies",
            "ReservedConcurrentExecutions",
            "SnapStart",
            "Tags",
            "Tracing",
            "VersionDescription"));
    if (!function.text("Runtime").startsWith("java")) {
      throw function.complaint("Runtime", "local runs support Java only");
    }
    String handler = function.text("Handler");
    if (handler.contains("::")) { // Lambda's runtime calls a method that is named by reflection
      throw function.complaint("Handler", "must be a class alone, not '" + handler + "'");
    }
    return new Template.Function(
        id,
        name,
        handler,
        Duration.ofSeconds(function.number("Timeout", 3)),
        function.object("Environment").object("Variables").namedTexts());
  }

  static Template.Stream stream(String id, String name, Properties stream) {
    stream.allow(
        Set.of("Name", "StreamModeDetails", "ShardCount", "RetentionPeriodHours"),
        Set.of("StreamEncryption", "Tags"));
    boolean onDemand =
        stream.object("StreamModeDetails").text("StreamMode", "PROVISIONED").equals("ON_DEMAND");
    if (onDemand == stream.has("ShardCount")) {
      throw stream.complaint("a stream is on demand or has a ShardCount");
    }
    return new Template.Stream(
        id,
        name,
        onDemand ? OptionalInt.empty() : OptionalInt.of(stream.number("ShardCount", 1)),
        Duration.ofHours(stream.number("RetentionPeriodHours", 24)));
  }

  static Template.Table table(String id, String name, Properties table) {
    table.allow(
        Set.of(
            "TableName",
            "AttributeDefinitions",
            "KeySchema",
            "GlobalSecondaryIndexes",
            "TimeToLiveSpecification"),
        Set.of(
            "BillingMode",
            "DeletionProtectionEnabled",
            "PointInTimeRecoverySpecification",
            "SSESpecification",
            "Tags"));
    Map<String, String> types = new LinkedHashMap<>();
    for (Properties attribute : table.objects("AttributeDefinitions")) {
      types.put(attribute.text("AttributeName"), attribute.text("AttributeType"));
    }
    List<Template.Index> indexes = new ArrayList<>();
    for (Properties index : table.objects("GlobalSecondaryIndexes")) {
      index.allow(Set.of("IndexName", "KeySchema", "Projection"), Set.of());
      String projection = index.object("Projection").text("ProjectionType");
      if (!projection.equals("KEYS_ONLY") && !projection.equals("ALL")) {
        throw index.complaint("Projection", "local runs support KEYS_ONLY and ALL");
      }
      indexes.add(new Template.Index(index.text("IndexName"), key(index, types), projection));
    }
    Properties timeToLive = table.object("TimeToLiveSpecification");
    return new Template.Table(
        id,
        name,
        key(table, types),
        List.copyOf(indexes),
        timeToLive.text("Enabled", "false").equals("true")
            ? Optional.of(timeToLive.text("AttributeName"))
            : Optional.empty());
  }

  private static Template.Key key(Properties of, Map<String, String> types) {
    Map<String, Template.Attribute> byRole = new LinkedHashMap<>();
    for (Properties part : of.objects("KeySchema")) {
      String name = part.text("AttributeName");
      String type = types.get(name);
      if (type == null) {
        throw part.complaint(name + " is not among the AttributeDefinitions");
      }
      byRole.put(part.text("KeyType"), new Template.Attribute(name, type));
    }
    Template.Attribute partition = byRole.get("HASH");
    if (partition == null) {
      throw of.complaint("KeySchema", "has no HASH");
    }
    return new Template.Key(partition, Optional.ofNullable(byRole.get("RANGE")));
  }

  static Template.Queue queue(String id, String name, String url, Properties queue) {
    queue.allow(
        Set.of("QueueName", "MessageRetentionPeriod", "VisibilityTimeout"),
        Set.of("SqsManagedSseEnabled", "KmsMasterKeyId", "Tags"));
    return new Template.Queue(
        id,
        name,
        url,
        Duration.ofSeconds(queue.number("MessageRetentionPeriod", 345_600)),
        Duration.ofSeconds(queue.number("VisibilityTimeout", 30)));
  }

  static Template.Task task(String id, Properties task) {
    task.allow(
        Set.of("Family", "ContainerDefinitions"),
        Set.of(
            "Cpu",
            "ExecutionRoleArn",
            "Memory",
            "NetworkMode",
            "RequiresCompatibilities",
            "RuntimePlatform",
            "Tags",
            "TaskRoleArn"));
    List<Properties> containers = task.objects("ContainerDefinitions");
    if (containers.size() != 1) {
      throw task.complaint("ContainerDefinitions", "local runs support one container a task");
    }
    Properties container = containers.getFirst();
    container.allow(
        Set.of("Environment"),
        Set.of(
            "Essential",
            "HealthCheck",
            "Image",
            "LogConfiguration",
            "Name",
            "ReadonlyRootFilesystem",
            "StopTimeout"));
    Map<String, String> environment = new LinkedHashMap<>();
    for (Properties variable : container.objects("Environment")) {
      environment.put(variable.text("Name"), variable.text("Value"));
    }
    return new Template.Task(id, task.text("Family"), Map.copyOf(environment));
  }
}
