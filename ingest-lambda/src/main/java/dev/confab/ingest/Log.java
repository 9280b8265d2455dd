package dev.confab.ingest;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.confab.events.JsonText;
import dev.confab.events.Timestamps;
import dev.confab.table.TableUnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * One invocation's log: JSON lines through Lambda's own logger, which costs a cold start nothing.
 * As bytes, which it writes as they are; a string it would wrap into JSON of its own. No text of a
 * message and no token is ever in it. Not thread-safe.
 */
final class Log {
  private static final int MAX_FRAMES = 12;
  private static final int MAX_CAUSES = 4;
  private static final int MAX_MESSAGE_CHARS = 500;

  private final Context context;
  private final Clock clock;

  Log(Context context, Clock clock) {
    this.context = context;
    this.clock = clock;
  }

  /** What Lambda calls this invocation, in every line. */
  String requestId() {
    return context.getAwsRequestId();
  }

  /** A line. */
  void line(LogLevel level, String event, JsonText.Fields fields) {
    String line =
        JsonText.object(
            json -> {
              json.writeStringField("timestamp", Timestamps.format(clock.instant()));
              json.writeStringField("level", level.name());
              json.writeStringField("stage", "ingest");
              json.writeStringField("event", event);
              json.writeStringField("requestId", requestId());
              fields.write(json);
            });
    write(context.getLogger(), level, line);
  }

  /**
   * Ended by a line break, as Lambda's own lines are: where its logger writes to standard output, a
   * line of metrics comes next, and two in one are neither.
   */
  static void write(LambdaLogger logger, LogLevel level, String line) {
    logger.log((line + '\n').getBytes(StandardCharsets.UTF_8), level);
  }

  /** A line for a fault, with where it happened. */
  void fault(String event, Throwable fault, JsonText.Fields fields) {
    line(
        LogLevel.ERROR,
        event,
        json -> {
          fields.write(json);
          json.writeArrayFieldStart("fault");
          Throwable cause = fault;
          for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            writeCause(json, cause);
            cause = cause.getCause();
          }
          json.writeEndArray();
        });
  }

  private static void writeCause(JsonGenerator json, Throwable cause) throws IOException {
    json.writeStartObject();
    json.writeStringField("class", cause.getClass().getName());
    String message = messageOf(cause);
    if (message != null) {
      json.writeStringField("message", message);
    }
    json.writeArrayFieldStart("at");
    StackTraceElement[] frames = cause.getStackTrace();
    for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
      json.writeString(frames[i].toString());
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /**
   * Of faults of AWS and of our own making only, which speak of a request and its time: another's
   * message might quote the text that it choked on.
   */
  private static @Nullable String messageOf(Throwable cause) {
    boolean isSafe =
        cause instanceof SdkException
            || cause instanceof TableUnavailableException
            || cause instanceof StreamUnavailableException;
    String message = isSafe ? cause.getMessage() : null;
    return message == null || message.length() <= MAX_MESSAGE_CHARS
        ? message
        : message.substring(0, MAX_MESSAGE_CHARS);
  }
}
