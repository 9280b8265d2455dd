package dev.confab.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2WebSocketEvent;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientFrames;
import dev.confab.events.ConnectionId;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.JsonObject;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import dev.confab.events.UserId;
import dev.confab.metrics.RecordedMetrics;
import dev.confab.table.Faults;
import dev.confab.table.InMemoryTable;
import dev.confab.table.TableCall;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The routes on a table and a stream in memory, asked as API Gateway asks. */
final class Backend {
  static final Instant NOW = Instant.parse("2026-11-24T02:04:05.123Z");
  static final Instant CONNECTED_AT = NOW.minusSeconds(60);
  static final Instant TOKEN_EXPIRES_AT = Instant.parse("2026-11-24T03:00:00Z");
  static final ConnectionId CONNECTION = new ConnectionId("L0SM9cOFvHcCIhw=");

  final MutableClock clock = new MutableClock(NOW);
  final InMemoryTable table = new InMemoryTable();
  final InMemoryStream stream = new InMemoryStream();
  final FakeContext context = new FakeContext();
  final RecordedMetrics metrics = new RecordedMetrics();
  final RecordedMetrics nobodys = new RecordedMetrics();
  final List<Duration> pauses = new ArrayList<>();
  final List<TableCall> tableCalls = new ArrayList<>();
  final Map<TableCall, Faults.Fault> tableFaults = new HashMap<>();
  @Nullable Throwable bug;

  private final RouteHandler handler;

  Backend() {
    this(1000, 1000);
  }

  Backend(int ratePerSecond, int burst) {
    table.fail(
        call -> {
          tableCalls.add(call);
          throwBug();
          return tableFaults.getOrDefault(call, Faults.Fault.NONE);
        });
    Pause pause =
        duration -> {
          pauses.add(duration);
          clock.advance(duration);
          context.remainingMillis -= (int) duration.toMillis();
        };
    Routes routes =
        Ingest.routes(
            table,
            stream,
            new Retries(clock, new SplittableRandom(7), pause),
            new TokenBuckets(ratePerSecond, burst, clock),
            Runnable::run,
            clock,
            new Ingest.Told(metrics, nobodys));
    this.handler = new RouteHandler(routes) {};
  }

  private void throwBug() {
    switch (bug) {
      case RuntimeException fault -> throw (RuntimeException) fault.fillInStackTrace();
      case Error fault -> throw (Error) fault.fillInStackTrace();
      case null, default -> {}
    }
  }

  /** A chat of an owner and some members. */
  ChatId chat(String chatId, String access, String owner, String... members) {
    ServerFrame created =
        ask(
            owner,
            "{\"action\":\"createChat\",\"chatId\":\"%s\",\"access\":\"%s\"}"
                .formatted(chatId, access));
    if (!(created instanceof ServerFrame.ChatCreated)) {
      throw new IllegalStateException("not created: " + created);
    }
    for (String member : members) {
      table.members().add(new ChatId(chatId), new UserId(member), Role.MEMBER);
    }
    return new ChatId(chatId);
  }

  /** The answer to a frame. */
  @Nullable ServerFrame ask(String user, ClientFrame frame) {
    return ask(user, ClientFrames.encode(frame));
  }

  /** The answer to a frame, which must be of a type. */
  <T extends ServerFrame> T ask(String user, ClientFrame frame, Class<T> type) {
    ServerFrame answer = ask(user, frame);
    if (!type.isInstance(answer)) {
      throw new AssertionError("not a " + type.getSimpleName() + ": " + answer);
    }
    return Objects.requireNonNull(type.cast(answer));
  }

  /** The answer to whatever someone sends. */
  @Nullable ServerFrame ask(String user, String body) {
    APIGatewayV2WebSocketEvent event = event("MESSAGE", user);
    event.setBody(body);
    return frameOf(answer(event));
  }

  /** The status of {@code $connect} or {@code $disconnect}. */
  int status(APIGatewayV2WebSocketEvent event) {
    try {
      return (int) JsonObject.parse(answer(event)).integer("statusCode");
    } catch (InvalidJsonException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static @Nullable ServerFrame frameOf(String response) {
    try {
      JsonObject json = JsonObject.parse(response);
      String body = json.optionalString("body");
      return body == null ? null : ServerFrames.parse(body);
    } catch (InvalidJsonException notAnAnswer) {
      throw new IllegalStateException(response, notAnAnswer);
    }
  }

  static APIGatewayV2WebSocketEvent event(String type, String user) {
    var requestContext = new APIGatewayV2WebSocketEvent.RequestContext();
    requestContext.setEventType(type);
    requestContext.setRouteKey(
        "MESSAGE".equals(type) ? "$default" : "$" + type.toLowerCase(Locale.ROOT));
    requestContext.setConnectionId(CONNECTION.value());
    requestContext.setConnectedAt(CONNECTED_AT.toEpochMilli());
    requestContext.setRequestId("JKJaXmPLvHcESHA=");
    requestContext.setAuthorizer(
        new HashMap<>(
            Map.of(
                "principalId", user,
                "userId", user,
                "exp", Long.toString(TOKEN_EXPIRES_AT.getEpochSecond()))));
    var event = new APIGatewayV2WebSocketEvent();
    event.setRequestContext(requestContext);
    return event;
  }

  /** What a handler answers to an event. */
  String answer(APIGatewayV2WebSocketEvent event) {
    return answer(json(event));
  }

  String answer(byte[] event) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try {
      handler.handleRequest(new ByteArrayInputStream(event), output, context);
    } catch (IOException impossibleInMemory) {
      throw new UncheckedIOException(impossibleInMemory);
    }
    return output.toString(UTF_8);
  }

  /** An event as Lambda's own serializer writes it. */
  static byte[] json(APIGatewayV2WebSocketEvent event) {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    LambdaEventSerializers.serializerFor(
            APIGatewayV2WebSocketEvent.class, Backend.class.getClassLoader())
        .toJson(event, json);
    return json.toByteArray();
  }
}
