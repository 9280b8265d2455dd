package dev.confab.kinesis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What registers consumers for enhanced fan-out. Thread-safe. */
final class ConsumerOperations {
  /** "With Provisioned streams, you can register up to 20 consumers per stream." */
  static final int MAX_CONSUMERS = 20;

  private static final int PAGE = 10_000;
  private static final int DEFAULT_PAGE = 100;

  private final Streams streams;
  private final StreamLookup lookup;
  private final Subscriptions subscriptions;

  ConsumerOperations(Streams streams, StreamLookup lookup, Subscriptions subscriptions) {
    this.streams = streams;
    this.lookup = lookup;
    this.subscriptions = subscriptions;
  }

  Reply register(Input in) {
    DataStream stream = lookup.streamByArn(in.requiredText("StreamARN", TextRules.STREAM_ARN));
    String name = in.requiredText("ConsumerName", TextRules.CONSUMER_NAME);
    long now = streams.settings().nowMillis();
    String arn = "%s/consumer/%s:%d".formatted(stream.arn(), name, now / 1000);
    ConsumerInfo added = new ConsumerInfo(name, arn, now);
    stream.change(
        state -> {
          if (state.consumers().stream().anyMatch(other -> other.name().equals(name))) {
            throw ServiceException.inUse(
                "Consumer %s under stream %s already exists for account %s."
                    .formatted(name, stream.arn(), streams.settings().account()));
          }
          if (state.consumers().size() >= MAX_CONSUMERS) {
            throw ServiceException.limitExceeded(
                "Stream %s has %d consumers, the most it can have. Deregister one first."
                    .formatted(stream.arn(), MAX_CONSUMERS));
          }
          List<ConsumerInfo> consumers = new ArrayList<>(state.consumers());
          consumers.add(added);
          return state.withConsumers(consumers);
        });
    return out -> out.object("Consumer", consumer -> write(consumer, added));
  }

  Reply deregister(Input in) {
    StreamLookup.RegisteredConsumer found = lookup.consumer(in);
    found.stream()
        .change(
            state ->
                state.withConsumers(
                    state.consumers().stream()
                        .filter(other -> !other.equals(found.consumer()))
                        .toList()));
    subscriptions.endAllOf(found.consumer());
    return Reply.EMPTY;
  }

  Reply describe(Input in) {
    StreamLookup.RegisteredConsumer found = lookup.consumer(in);
    return out ->
        out.object(
            "ConsumerDescription",
            description -> {
              write(description, found.consumer());
              description.text("StreamARN", found.stream().arn());
            });
  }

  Reply list(Input in) {
    DataStream stream = lookup.streamByArn(in.requiredText("StreamARN", TextRules.STREAM_ARN));
    int limit = in.integer("MaxResults", 1, PAGE).orElse(DEFAULT_PAGE);
    Optional<String> token = in.text("NextToken", TextRules.NEXT_TOKEN);
    int from = token.map(ConsumerOperations::placeIn).orElse(0);
    List<ConsumerInfo> rest = stream.state().consumers().stream().skip(from).toList();
    List<ConsumerInfo> page = rest.stream().limit(limit).toList();
    boolean more = rest.size() > page.size();
    return out ->
        out.objects("Consumers", page, ConsumerOperations::write)
            .text("NextToken", more ? Token.seal("consumers", from + page.size()) : null);
  }

  private static int placeIn(String token) {
    return Token.open(token, 2)
        .filter(parts -> parts.get(0).equals("consumers"))
        .map(parts -> Integer.parseInt(parts.get(1)))
        .orElseThrow(() -> ServiceException.invalidArgument("NextToken is invalid."));
  }

  private static void write(Fields out, ConsumerInfo consumer) throws IOException {
    out.text("ConsumerName", consumer.name())
        .text("ConsumerARN", consumer.arn())
        .text("ConsumerStatus", "ACTIVE")
        .timestamp("ConsumerCreationTimestamp", consumer.createdMillis());
  }
}
