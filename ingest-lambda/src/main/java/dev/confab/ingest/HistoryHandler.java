package dev.confab.ingest;

import java.util.Map;

/** The function behind {@code history}, {@code myMessages} and {@code sync}. */
public final class HistoryHandler extends RouteHandler {

  /** For Lambda. */
  public HistoryHandler() {
    this(System.getenv());
    handleBeforeSnapshot(priming(System.getenv()));
  }

  /**
   * For whoever hosts it elsewhere.
   *
   * @param environment TABLE_NAME, STREAM_NAME, AWS_REGION and optionally AWS_ENDPOINT_URL_KINESIS,
   *     AWS_ENDPOINT_URL_DYNAMODB, USER_RATE_PER_SECOND, USER_BURST
   * @throws IllegalArgumentException with a line for each variable that is missing or wrong
   */
  public HistoryHandler(Map<String, String> environment) {
    super(Ingest.routes(environment));
  }

  /** Of a chat that is not there, but in the rehearsal. */
  Priming priming(Map<String, String> environment) {
    Priming.Event history =
        Priming.frame(
            "MESSAGE",
            "history",
            "{\"action\":\"history\",\"chatId\":\"confab-priming\",\"after\":\"START\",\"limit\":1}");
    return priming(environment, history, history, Priming.frameAnswer("history"));
  }
}
