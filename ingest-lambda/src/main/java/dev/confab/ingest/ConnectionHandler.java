package dev.confab.ingest;

import java.time.Clock;
import java.util.Map;

/** The function behind {@code $connect} and {@code $disconnect}. */
public final class ConnectionHandler extends RouteHandler {

  /** For Lambda. */
  public ConnectionHandler() {
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
  public ConnectionHandler(Map<String, String> environment) {
    super(Ingest.parts(environment));
  }

  /** The event of a connection that is not there; $connect would write. */
  Priming priming() {
    return new Priming(
        this, Priming.frame("DISCONNECT", "$disconnect", ""), () -> {}, Clock.systemUTC());
  }
}
