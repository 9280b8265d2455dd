package dev.confab.local.template;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The system that a template describes, resolved for one machine. Maps are by logical id, in the
 * file's order. Immutable.
 *
 * @param api the one WebSocket API
 */
public record Template(
    Api api,
    Map<String, Function> functions,
    Map<String, Stream> streams,
    Map<String, Table> tables,
    Map<String, Queue> queues,
    Map<String, Task> tasks) {

  /**
   * Reads a template.
   *
   * @param parameters values for its parameters; those with a default may be left out
   * @throws TemplateException with one line that says where, which name, and what is wrong with it
   */
  public static Template read(Path file, LocalValues local, Map<String, String> parameters)
      throws IOException {
    return TemplateReader.read(
        file.getFileName().toString(), Files.readString(file), local, parameters);
  }

  /**
   * A WebSocket API.
   *
   * @param stage its one stage
   * @param actionField the field of a frame that selects its route
   * @param routes by route key; each has what it needs to be answered
   */
  public record Api(
      String logicalId,
      String stage,
      String actionField,
      Map<String, Route> routes,
      Optional<Authorizer> authorizer) {}

  /**
   * Where frames of one action go.
   *
   * @param function the logical id of a function in {@link #functions}
   * @param twoWay whether the function's body goes back to the client
   * @param integrationTimeout how long the function may take, if the route says
   */
  public record Route(
      String function,
      boolean twoWay,
      Optional<Duration> integrationTimeout,
      Optional<RateLimit> rateLimit) {}

  /**
   * A stage's throttling of one route.
   *
   * @param perSecond frames a second, in the long run
   * @param burst frames at once
   */
  public record RateLimit(double perSecond, int burst) {}

  /**
   * Who decides on connections.
   *
   * @param function the logical id of a function in {@link #functions}
   * @param identitySources without all of which it isn't asked; may be empty
   */
  public record Authorizer(String function, List<String> identitySources) {}

  /**
   * A Lambda function.
   *
   * @param name what it is called, unique among all functions
   * @param handlerClass the class whose {@code handleRequest} handles its events
   * @param timeout after which a call of it has failed
   * @param environment its variables, without those that Lambda sets
   */
  public record Function(
      String logicalId,
      String name,
      String handlerClass,
      Duration timeout,
      Map<String, String> environment) {}

  /**
   * A Kinesis stream.
   *
   * @param shards how many it has; empty for on-demand
   * @param retention how long records stay
   */
  public record Stream(String logicalId, String name, OptionalInt shards, Duration retention) {}

  /**
   * A DynamoDB table.
   *
   * @param timeToLiveAttribute the attribute by which items expire, in seconds since 1970
   */
  public record Table(
      String logicalId,
      String name,
      Key key,
      List<Index> indexes,
      Optional<String> timeToLiveAttribute) {}

  /** A table's or an index's key. */
  public record Key(Attribute partition, Optional<Attribute> sort) {}

  /**
   * A key's attribute.
   *
   * @param type {@code S}, {@code N} or {@code B}
   */
  public record Attribute(String name, String type) {}

  /**
   * A global secondary index.
   *
   * @param projection {@code KEYS_ONLY} or {@code ALL}
   */
  public record Index(String name, Key key, String projection) {}

  /**
   * An SQS queue.
   *
   * @param url what {@code Ref} gives, here
   * @param retention how long messages stay
   * @param visibilityTimeout how long a message that was received stays hidden
   */
  public record Queue(
      String logicalId, String name, String url, Duration retention, Duration visibilityTimeout) {}

  /**
   * A task of one container.
   *
   * @param family what it is called
   * @param environment the container's variables
   */
  public record Task(String logicalId, String family, Map<String, String> environment) {}
}
