package dev.confab.kinesis;

import java.util.Optional;

/** Finds the stream, or the consumer, that a request is about. Thread-safe. */
final class StreamLookup {
  private static final String STREAM_IN_ARN = ":stream/";
  private static final String CONSUMER_IN_ARN = "/consumer/";

  private final Streams streams;

  StreamLookup(Streams streams) {
    this.streams = streams;
  }

  /** A consumer and the stream it is registered with. */
  record RegisteredConsumer(DataStream stream, ConsumerInfo consumer) {}

  /** The stream named by StreamName, StreamARN or both. */
  DataStream stream(Input in) {
    Optional<String> name = in.text("StreamName", TextRules.STREAM_NAME);
    Optional<String> arn = in.text("StreamARN", TextRules.STREAM_ARN);
    if (arn.isEmpty()) {
      return streams.get(
          name.orElseThrow(
              () ->
                  ServiceException.validation(
                      "1 validation error detected: either StreamName or StreamARN must be given")));
    }
    DataStream stream = streamByArn(arn.get());
    if (name.isPresent() && !name.get().equals(stream.name())) {
      throw ServiceException.invalidArgument(
          "StreamARN %s and StreamName %s are not of one stream.".formatted(arn.get(), name.get()));
    }
    return stream;
  }

  /** The stream's name in its own ARN or a consumer's. */
  static String nameIn(String arn) {
    int at = arn.indexOf(STREAM_IN_ARN);
    String name = at < 0 ? arn : arn.substring(at + STREAM_IN_ARN.length());
    int end = name.indexOf(CONSUMER_IN_ARN);
    return end < 0 ? name : name.substring(0, end);
  }

  DataStream streamByArn(String arn) {
    String name = nameIn(arn);
    String ours = streams.settings().streamArn(name);
    if (!ours.equals(arn)) {
      throw ServiceException.notFound(
          "Stream %s not found. This server's streams are named %s."
              .formatted(arn, streams.settings().streamArn("<name>")));
    }
    return streams.get(name);
  }

  /** The consumer named by ConsumerARN, or by StreamARN and ConsumerName, or by all three. */
  RegisteredConsumer consumer(Input in) {
    Optional<String> consumerArn = in.text("ConsumerARN", TextRules.CONSUMER_ARN);
    Optional<String> streamArn = in.text("StreamARN", TextRules.STREAM_ARN);
    Optional<String> name = in.text("ConsumerName", TextRules.CONSUMER_NAME);
    if (consumerArn.isPresent()) {
      RegisteredConsumer found = consumerByArn(consumerArn.get());
      boolean conflict =
          (name.isPresent() && !name.get().equals(found.consumer().name()))
              || (streamArn.isPresent() && !streamArn.get().equals(found.stream().arn()));
      if (conflict) {
        throw ServiceException.invalidArgument(
            "ConsumerARN, StreamARN and ConsumerName are not of one consumer.");
      }
      return found;
    }
    if (streamArn.isEmpty() || name.isEmpty()) {
      throw ServiceException.invalidArgument(
          "Either ConsumerARN or both StreamARN and ConsumerName must be given.");
    }
    DataStream stream = streamByArn(streamArn.get());
    return stream.state().consumers().stream()
        .filter(consumer -> consumer.name().equals(name.get()))
        .findFirst()
        .map(consumer -> new RegisteredConsumer(stream, consumer))
        .orElseThrow(() -> noSuchConsumer(name.get(), stream.arn()));
  }

  RegisteredConsumer consumerByArn(String arn) {
    int at = arn.indexOf(CONSUMER_IN_ARN);
    DataStream stream = streamByArn(at < 0 ? arn : arn.substring(0, at));
    return stream.state().consumers().stream()
        .filter(consumer -> consumer.arn().equals(arn))
        .findFirst()
        .map(consumer -> new RegisteredConsumer(stream, consumer))
        .orElseThrow(() -> noSuchConsumer(arn, stream.arn()));
  }

  private ServiceException noSuchConsumer(String name, String streamArn) {
    return ServiceException.notFound(
        "Consumer %s under stream %s not found for account %s."
            .formatted(name, streamArn, streams.settings().account()));
  }
}
