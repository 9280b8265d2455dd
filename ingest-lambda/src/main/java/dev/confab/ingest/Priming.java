package dev.confab.ingest;

import com.amazonaws.services.lambda.runtime.LambdaRuntime;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dev.confab.events.JsonText;
import dev.confab.events.Timestamps;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.crac.Resource;

/**
 * One event that changes nothing, handled before Lambda takes SnapStart's snapshot, so that every
 * copy of it begins with its classes loaded and its paths once walked. It calls the real table and
 * stream: no stand-in would load TLS, signing and what reads an answer.
 *
 * <p>Nothing of it may be told apart later or be secret: the ids are fixed, random numbers are
 * seeded when they are used, and what is remembered expires by the clock. Whatever fails is logged
 * and no more: a cold copy is slow, a version that can't be published is worse.
 */
final class Priming implements Resource {
  /**
   * The user, chat, connection and request of it. Who made a chat of that name had no members of
   * it.
   */
  static final String NOBODY = "confab-priming";

  private static final Duration EXPIRES_AFTER = Duration.ofHours(1);

  private final RequestStreamHandler handler;
  private final Event event;
  private final Runnable more;
  private final Clock clock;

  /** What to handle, as of a time. */
  interface Event {
    String at(Instant now);
  }

  /**
   * Of one handler.
   *
   * @param more what the event does not come to, such as putting on the stream
   */
  Priming(RequestStreamHandler handler, Event event, Runnable more, Clock clock) {
    this.handler = handler;
    this.event = event;
    this.more = more;
    this.clock = clock;
  }

  @Override
  public void beforeCheckpoint(org.crac.Context<? extends Resource> context) {
    attempt(
        () ->
            handler.handleRequest(
                new ByteArrayInputStream(
                    event.at(clock.instant()).getBytes(StandardCharsets.UTF_8)),
                OutputStream.nullOutputStream(),
                new NobodysContext(LambdaRuntime.getLogger())));
    attempt(more::run);
  }

  @Override
  public void afterRestore(org.crac.Context<? extends Resource> context) {
    // Nothing to renew: connections that died meanwhile are too old to be taken up again.
  }

  private interface Step {
    void run() throws IOException;
  }

  private void attempt(Step step) {
    try {
      step.run();
    } catch (UnauthorizedException asItMust) {
      // The authorizer refuses nobody's token, by an exception.
    } catch (IOException | RuntimeException fault) {
      String line =
          JsonText.object(
              json -> {
                json.writeStringField("timestamp", Timestamps.format(clock.instant()));
                json.writeStringField("level", LogLevel.WARN.name());
                json.writeStringField("stage", "ingest");
                json.writeStringField("event", "not-primed");
                json.writeStringField("reason", fault.toString());
              });
      Log.write(LambdaRuntime.getLogger(), LogLevel.WARN, line);
    }
  }

  /** A route's event. */
  static Event frame(String eventType, String routeKey, String body) {
    return now ->
        JsonText.object(
            json -> {
              json.writeObjectFieldStart("requestContext");
              json.writeStringField("eventType", eventType);
              json.writeStringField("routeKey", routeKey);
              json.writeStringField("connectionId", NOBODY);
              json.writeNumberField("connectedAt", now.toEpochMilli());
              json.writeStringField("requestId", NOBODY);
              json.writeObjectFieldStart("authorizer");
              json.writeStringField("userId", NOBODY);
              json.writeStringField("exp", Long.toString(now.plus(EXPIRES_AFTER).getEpochSecond()));
              json.writeEndObject();
              json.writeEndObject();
              json.writeStringField("body", body);
            });
  }
}
