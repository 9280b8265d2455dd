package dev.confab.ingest;

import java.util.Map;

/** The function behind {@code $connect} and {@code $disconnect}. */
public final class ConnectionHandler extends RouteHandler {

  /** For Lambda. */
  public ConnectionHandler() {
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
  public ConnectionHandler(Map<String, String> environment) {
    super(Ingest.routes(environment));
  }

  /** Of a connection that is not there; one is made in the rehearsal only. */
  Priming priming(Map<String, String> environment) {
    return priming(
        environment,
        Priming.frame("DISCONNECT", "$disconnect", ""),
        Priming.frame("CONNECT", "$connect", ""),
        Priming.OK);
  }
}
