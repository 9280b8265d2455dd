package dev.confab.ingest;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.confab.events.ErrorCode;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonText;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import dev.confab.metrics.Measurements;
import dev.confab.metrics.Metric;
import dev.confab.metrics.Metrics;
import dev.confab.table.TableUnavailableException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers API Gateway's events, in its terms: a status and, where there is something to say to the
 * client, a body. Thread-safe.
 */
final class Routes {
  /** To write the answer, and for what the clock of Lambda's time-out sees before and after us. */
  private static final Duration MARGIN = Duration.ofMillis(500);

  static final String TRACE_PROPERTY = "com.amazonaws.xray.traceHeader";

  private static final Pattern TRACE_ROOT =
      Pattern.compile("(?:^|;)Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)");

  private final ConnectionActions connectionActions;
  private final Frames frames;
  private final Clock clock;
  private final Ingest.Told told;

  Routes(ConnectionActions connectionActions, Frames frames, Clock clock, Ingest.Told told) {
    this.connectionActions = connectionActions;
    this.frames = frames;
    this.clock = clock;
    this.told = told;
  }

  /** The answer to an event. Nothing is thrown but an error of the machine. */
  String answer(byte[] input, Context context) {
    Log log = new Log(context, clock);
    WebSocketEvent event;
    try {
      event = WebSocketEvent.parse(input);
    } catch (InvalidJsonException notAnEvent) {
      log.line(
          LogLevel.ERROR,
          "not-an-event",
          json -> json.writeStringField("reason", notAnEvent.getMessage()));
      return response(400, null);
    }
    return switch (event.kind()) {
      case MESSAGE -> response(200, message(event, context, log));
      case CONNECT, DISCONNECT -> response(status(event, log), null);
    };
  }

  /** The answer to a frame that didn't come through API Gateway. */
  @Nullable ServerFrame answer(
      String body, Principal principal, PlainRoutes.Connected from, Instant deadline, Log log) {
    Caller caller =
        new Caller(
            from.userId(),
            from.connectionId(),
            ConnectionActions.expiresAt(principal, from.connectedAt()),
            deadline,
            null);
    return frames.answer(body, principal, caller, log, new Measurements(clock));
  }

  /** Answers a frame, and says how that went in one line. */
  private @Nullable ServerFrame message(WebSocketEvent event, Context context, Log log) {
    Measurements measured = new Measurements(clock);
    ServerFrame answer = message(event, context, log, measured);
    switch (answer) {
      case ServerFrame.Sent _ -> measured.add(Metric.ACCEPTED, 1);
      case ServerFrame.Failed failed -> measured.rejected(failed.code().name());
      case null, default -> {}
    }
    boolean isNobodys = log.requestId().equals(Priming.NOBODY);
    Metrics metrics = isNobodys ? told.nobodys() : told.metrics();
    metrics.write(measured);
    return answer;
  }

  private @Nullable ServerFrame message(
      WebSocketEvent event, Context context, Log log, Measurements measured) {
    Principal principal = event.principal();
    if (principal == null) {
      noPrincipal(event, log);
      return new ServerFrame.Failed(
          null, ErrorCode.INTERNAL, "a fault of ours, logged as " + log.requestId(), null);
    }
    Duration remaining = Duration.ofMillis(context.getRemainingTimeInMillis());
    Caller caller =
        new Caller(
            principal.userId(),
            event.connectionId(),
            ConnectionActions.expiresAt(principal, event.connectedAt()),
            clock.instant().plus(remaining).minus(MARGIN),
            traceId(context));
    return frames.answer(event.body(), principal, caller, log, measured);
  }

  private int status(WebSocketEvent event, Log log) {
    try {
      if (event.kind() == WebSocketEvent.Kind.DISCONNECT) {
        connectionActions.disconnect(event);
        return 200;
      }
      Principal principal = event.principal();
      if (principal == null) {
        noPrincipal(event, log);
        return 500;
      }
      return connectionActions.connect(event, principal) ? 200 : 401;
    } catch (TableUnavailableException unavailable) {
      log.fault("unavailable", unavailable, json -> describe(json, event));
      return 503;
    } catch (RuntimeException fault) {
      log.fault("internal", fault, json -> describe(json, event));
      return 500;
    }
  }

  private static void noPrincipal(WebSocketEvent event, Log log) {
    log.line(
        LogLevel.ERROR,
        "no-authorizer",
        json -> {
          describe(json, event);
          json.writeStringField("reason", "attach the authorizer to the $connect route");
        });
  }

  private static void describe(JsonGenerator json, WebSocketEvent event) throws IOException {
    json.writeStringField("connectionId", event.connectionId().value());
    json.writeStringField("routeKey", event.routeKey());
  }

  /** Not every version of Lambda's runtime says it in the context; all set the property. */
  private static @Nullable String traceId(Context context) {
    String told = context.getXrayTraceId();
    String header = told == null ? System.getProperty(TRACE_PROPERTY) : told;
    Matcher root = TRACE_ROOT.matcher(header == null ? "" : header);
    return root.find() ? root.group(1) : null;
  }

  private static String response(int status, @Nullable ServerFrame frame) {
    return JsonText.object(
        json -> {
          json.writeNumberField("statusCode", status);
          if (frame != null) {
            json.writeStringField("body", ServerFrames.encode(frame));
          }
        });
  }
}
