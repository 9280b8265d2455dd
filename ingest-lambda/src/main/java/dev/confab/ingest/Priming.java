package dev.confab.ingest;

import com.amazonaws.services.lambda.runtime.LambdaRuntime;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import dev.confab.events.JsonText;
import dev.confab.events.Timestamps;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.crac.Resource;

/**
 * What is done before Lambda takes SnapStart's snapshot, so that every copy of it begins with its
 * classes loaded, its paths walked and compiled.
 *
 * <p>An event that changes nothing is handled on the real table, which loads what reads a success
 * from the network. Then the event that matters is rehearsed, {@value #TIMES} times, on {@link
 * RehearsalHttp}, with as many handshakes of TLS, whose arithmetic is what takes most compiling.
 *
 * <p>The function's own clients and caches have no part in it but for the keys of a token's issuer,
 * so that copies share no connection and remember nobody. Whatever fails is logged and no more: a
 * cold copy is slow, a version that can't be published is worse.
 */
final class Priming implements Resource {
  /**
   * The chat, connection and request of it, and how its users' names begin. Anybody can make a chat
   * of that name and add a user of that name to it.
   */
  static final String NOBODY = "confab-priming";

  /** A frame that writes nothing, whatever the table holds. */
  static final Event ONLY_READS =
      frame(
          "MESSAGE",
          "members",
          "{\"action\":\"members\",\"chatId\":\"confab-priming\",\"limit\":1}");

  /**
   * How the answer to an event that is no frame's begins, or to a frame answered by the fan-out.
   */
  static final String OK = "{\"statusCode\":200}";

  /**
   * Java's first compiler takes what was called 200 times, which most of it is in half as many
   * events. Measured, CPU time of a copy's first event: 62 ms after 20, 55 after 50, 47 after 100,
   * 45 after 200.
   */
  static final int TIMES = 100;

  /** As Lambda's runtime says that an invocation is traced; the SDK looks at it too. */
  private static final String TRACE =
      "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1";

  private static final Duration EXPIRES_AFTER = Duration.ofHours(1);

  private final Supplier<RequestStreamHandler> handler;
  private final Event harmless;
  private final Supplier<Rehearsal> rehearsal;
  private final Clock clock;

  /** What to handle. */
  interface Event {
    /** Of a user, as of a time. */
    String of(String userId, Instant now);
  }

  /**
   * What to rehearse.
   *
   * @param handler like the real one, but on services that do nothing
   * @param success how the answer begins
   */
  record Rehearsal(RequestStreamHandler handler, Event event, String success) {}

  /**
   * Of one handler.
   *
   * @param harmless what it may be asked on the real table
   * @param rehearsal asked for when it begins: a cold start has no use for it
   */
  Priming(
      Supplier<RequestStreamHandler> handler,
      Event harmless,
      Supplier<Rehearsal> rehearsal,
      Clock clock) {
    this.handler = handler;
    this.harmless = harmless;
    this.rehearsal = rehearsal;
    this.clock = clock;
  }

  @Override
  public void beforeCheckpoint(org.crac.Context<? extends Resource> context) {
    try {
      answerOf(handler.get(), harmless, NOBODY);
    } catch (UnauthorizedException asItMust) {
      // The authorizer refuses nobody's token, by an exception.
    } catch (IOException | RuntimeException fault) {
      notPrimed(fault.toString());
    }
    try {
      var _ = rehearse();
    } catch (IOException | RuntimeException fault) {
      notPrimed(fault.toString());
    }
  }

  /**
   * Rehearses, each time by another user: nobody's rate is exceeded, and nobody is known already.
   *
   * @return whether each was the success that it should be; the first other one ends it
   */
  boolean rehearse() throws IOException {
    Rehearsal staged = rehearsal.get();
    System.setProperty(Routes.TRACE_PROPERTY, TRACE);
    try {
      for (int time = 1; time <= TIMES; time++) {
        String answer = answerOf(staged.handler(), staged.event(), NOBODY + time);
        if (!answer.startsWith(staged.success())) {
          notPrimed("answered " + answer);
          return false;
        }
      }
      return true;
    } finally {
      System.clearProperty(Routes.TRACE_PROPERTY);
    }
  }

  private String answerOf(RequestStreamHandler of, Event event, String userId) throws IOException {
    byte[] input = event.of(userId, clock.instant()).getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    of.handleRequest(
        new ByteArrayInputStream(input), output, new NobodysContext(LambdaRuntime.getLogger()));
    return output.toString(StandardCharsets.UTF_8);
  }

  private void notPrimed(String reason) {
    String line =
        JsonText.object(
            json -> {
              json.writeStringField("timestamp", Timestamps.format(clock.instant()));
              json.writeStringField("level", LogLevel.WARN.name());
              json.writeStringField("stage", "ingest");
              json.writeStringField("event", "not-primed");
              json.writeStringField("reason", reason);
            });
    Log.write(LambdaRuntime.getLogger(), LogLevel.WARN, line);
  }

  @Override
  public void afterRestore(org.crac.Context<? extends Resource> context) {
    // Nothing to renew: connections that died meanwhile are too old to be taken up again.
  }

  /** A route's event. */
  static Event frame(String eventType, String routeKey, String body) {
    return (userId, now) ->
        JsonText.object(
            json -> {
              json.writeObjectFieldStart("requestContext");
              json.writeStringField("eventType", eventType);
              json.writeStringField("routeKey", routeKey);
              json.writeStringField("connectionId", NOBODY);
              json.writeNumberField("connectedAt", now.toEpochMilli());
              json.writeStringField("requestId", NOBODY);
              json.writeObjectFieldStart("authorizer");
              json.writeStringField("userId", userId);
              json.writeStringField("exp", Long.toString(now.plus(EXPIRES_AFTER).getEpochSecond()));
              json.writeEndObject();
              json.writeEndObject();
              json.writeStringField("body", body);
            });
  }

  /** How the answer to a frame begins that is answered by a frame of this type. */
  static String frameAnswer(String type) {
    return "{\"statusCode\":200,\"body\":\"{\\\"type\\\":\\\"" + type + "\\\"";
  }
}
