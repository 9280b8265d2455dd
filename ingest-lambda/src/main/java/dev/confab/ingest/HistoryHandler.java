package dev.confab.ingest;

import java.time.Clock;
import java.util.Map;

/** The function behind {@code history}, {@code myMessages} and {@code sync}. */
public final class HistoryHandler extends RouteHandler {

  /** For Lambda. */
  public HistoryHandler() {
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
  public HistoryHandler(Map<String, String> environment) {
    super(Ingest.parts(environment));
  }

  /** The event of a chat that is not there. */
  Priming priming() {
    return new Priming(
        this,
        Priming.frame(
            "MESSAGE",
            "history",
            "{\"action\":\"history\",\"chatId\":\"confab-priming\",\"after\":\"START\",\"limit\":1}"),
        () -> {},
        Clock.systemUTC());
  }
}
