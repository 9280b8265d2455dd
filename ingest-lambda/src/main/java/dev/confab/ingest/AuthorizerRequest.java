package dev.confab.ingest;

import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonObject;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What API Gateway asks a REQUEST authorizer before it opens a connection.
 *
 * @param methodArn the route that the policy must name
 * @param connectionId for the log; absent where the event has none
 * @param tokens the different values of {@code ?token=}
 * @param authorizations the different values of the Authorization header
 * @param origins the different values of the Origin header: none from what is no browser
 */
record AuthorizerRequest(
    String methodArn,
    @Nullable String connectionId,
    Set<String> tokens,
    Set<String> authorizations,
    Set<String> origins) {

  /** Reads the event. */
  static AuthorizerRequest parse(byte[] event) throws InvalidJsonException {
    JsonObject json = JsonObject.parse(event, WebSocketEvent.MAX_EVENT_BYTES);
    JsonObject context = json.optionalObject("requestContext");
    JsonObject headers = json.optionalObject("headers");
    JsonObject allHeaders = json.optionalObject("multiValueHeaders");
    return new AuthorizerRequest(
        json.string("methodArn"),
        context == null ? null : context.optionalString("connectionId"),
        values(
            json.optionalObject("queryStringParameters"),
            json.optionalObject("multiValueQueryStringParameters"),
            "token"::equals),
        values(headers, allHeaders, "authorization"::equalsIgnoreCase),
        values(headers, allHeaders, "origin"::equalsIgnoreCase));
  }

  /** Every value of a name: the plain map holds but the last, and may be there alone. */
  private static Set<String> values(
      @Nullable JsonObject last, @Nullable JsonObject all, Predicate<String> isWanted)
      throws InvalidJsonException {
    Set<String> values = new LinkedHashSet<>();
    if (last != null) {
      for (String name : last.names()) {
        if (isWanted.test(name) && last.has(name)) {
          values.add(last.string(name));
        }
      }
    }
    if (all != null) {
      for (String name : all.names()) {
        if (isWanted.test(name) && all.has(name)) {
          values.addAll(all.parsedList(name, Function.identity()));
        }
      }
    }
    return values;
  }
}
