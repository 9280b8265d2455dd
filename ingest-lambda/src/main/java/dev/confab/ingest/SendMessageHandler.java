package dev.confab.ingest;

import java.util.Map;

/** The function behind {@code sendMessage}. */
public final class SendMessageHandler extends RouteHandler {

  /** For Lambda. */
  public SendMessageHandler() {
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
  public SendMessageHandler(Map<String, String> environment) {
    super(Ingest.routes(environment));
  }

  /** In earnest it only reads, with the same read: nobody may be a member by now. */
  Priming priming(Map<String, String> environment) {
    Priming.Event hello =
        Priming.frame(
            "MESSAGE",
            "sendMessage",
            """
            {"action":"sendMessage","chatId":"confab-priming","clientMessageId":"confab-priming",\
            "text":"hello"}\
            """);
    return priming(environment, Priming.ONLY_READS, hello, Priming.frameAnswer("sent"));
  }
}
