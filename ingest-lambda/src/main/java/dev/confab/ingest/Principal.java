package dev.confab.ingest;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonObject;
import dev.confab.events.UserId;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who a connection speaks for: what the authorizer tells every later event of it.
 *
 * @param name for people to read; absent where the token had none
 * @param tokenExpiresAt in whole seconds
 */
record Principal(UserId userId, @Nullable String name, Instant tokenExpiresAt) {
  private static final String USER_ID = "userId";
  private static final String NAME = "name";
  private static final String EXP = "exp";

  /** Writes the authorizer's context: strings, since not every value survives API Gateway as is. */
  void write(JsonGenerator json) throws IOException {
    json.writeStringField(USER_ID, userId.value());
    if (name != null) {
      json.writeStringField(NAME, name);
    }
    json.writeStringField(EXP, Long.toString(tokenExpiresAt.getEpochSecond()));
  }

  /** Reads the {@code requestContext.authorizer} of an event. */
  static Principal read(JsonObject authorizer) throws InvalidJsonException {
    return new Principal(
        authorizer.parsed(USER_ID, UserId::new),
        authorizer.optionalString(NAME),
        authorizer.parsed(EXP, Principal::seconds));
  }

  private static Instant seconds(String text) {
    try {
      return Instant.ofEpochSecond(Long.parseLong(text));
    } catch (NumberFormatException | DateTimeException notSeconds) {
      throw new IllegalArgumentException("not a time", notSeconds);
    }
  }
}
