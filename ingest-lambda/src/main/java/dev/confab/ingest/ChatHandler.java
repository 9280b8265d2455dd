package dev.confab.ingest;

import java.util.Map;

/** The function behind the routes about chats and who is in them, and behind {@code $default}. */
public final class ChatHandler extends RouteHandler {

  /** For Lambda. */
  public ChatHandler() {
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
  public ChatHandler(Map<String, String> environment) {
    super(Ingest.routes(environment));
  }

  /** In earnest it only reads: join would write, were there an open chat of that name. */
  Priming priming(Map<String, String> environment) {
    Priming.Event join =
        Priming.frame("MESSAGE", "join", "{\"action\":\"join\",\"chatId\":\"confab-priming\"}");
    return priming(environment, Priming.ONLY_READS, join, Priming.OK);
  }
}
