package dev.confab.ingest;

import java.time.Clock;
import java.util.Map;

/** The function behind {@code sendMessage}. */
public final class SendMessageHandler extends RouteHandler {

  /** For Lambda. */
  public SendMessageHandler() {
    this(System.getenv());
    handleBeforeSnapshot(priming());
  }

  /**
   * For whoever hosts it elsewhere.
   *
   * @param environment TABLE_NAME, STREAM_NAME, AWS_REGION and optionally AWS_ENDPOINT_URL_KINESIS,
   *     AWS_ENDPOINT_URL_DYNAMODB, USER_RATE_PER_SECOND, USER_BURST
   * @throws IllegalArgumentException with a line for each variable that is missing or wrong
   */
  public SendMessageHandler(Map<String, String> environment) {
    super(Ingest.parts(environment));
  }

  /** The event to a chat that is not there, which is refused after the table was asked. */
  Priming priming() {
    return new Priming(
        this,
        Priming.frame(
            "MESSAGE",
            "sendMessage",
            """
            {"action":"sendMessage","chatId":"confab-priming","clientMessageId":"confab-priming",\
            "text":"hello"}\
            """),
        primeStream,
        Clock.systemUTC());
  }
}
