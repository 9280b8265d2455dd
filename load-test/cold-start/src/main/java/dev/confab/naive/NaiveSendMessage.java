package dev.confab.naive;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2WebSocketEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2WebSocketResponse;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/**
 * The same work as our function, by the defaults: the SDK's clients as they come, AWS' class of the
 * event, Jackson's databind, no hook for SnapStart. It looks a member up, remembers that for 30
 * seconds, and puts the message on the stream.
 *
 * <p>It checks less than ours, and has no limit of a user's rate: what it lacks is in its favour.
 */
public final class NaiveSendMessage
    implements RequestHandler<APIGatewayV2WebSocketEvent, APIGatewayV2WebSocketResponse> {
  private static final Duration MEMBERSHIP_FOR = Duration.ofSeconds(30);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final ObjectMapper json = new ObjectMapper();
  private final KinesisClient kinesis = KinesisClient.create();
  private final DynamoDbClient dynamoDb = DynamoDbClient.create();
  private final String tableName = System.getenv("TABLE_NAME");
  private final String streamName = System.getenv("STREAM_NAME");
  private final Map<String, Instant> seen = new HashMap<>();

  /** A client's frame. */
  record Frame(
      String action,
      String chatId,
      String clientMessageId,
      String text,
      @Nullable String requestId) {}

  /** An event on the stream. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Message(
      int v,
      String type,
      String chatId,
      String senderId,
      String clientMessageId,
      String text,
      boolean resend,
      String sentAt,
      @Nullable String traceId) {}

  /** The answer to the client. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Answer(
      String type,
      @Nullable String requestId,
      String chatId,
      @Nullable String clientMessageId,
      @Nullable String position,
      @Nullable String code) {}

  @Override
  public APIGatewayV2WebSocketResponse handleRequest(
      APIGatewayV2WebSocketEvent event, Context context) {
    try {
      Map<String, Object> authorizer = event.getRequestContext().getAuthorizer();
      String userId = String.valueOf(authorizer.get("userId"));
      Instant expiresAt = Instant.ofEpochSecond(Long.parseLong((String) authorizer.get("exp")));
      Frame frame = json.readValue(event.getBody(), Frame.class);
      if (!Instant.now().isBefore(expiresAt)) {
        return response(refusal(frame, "TOKEN_EXPIRED"));
      }
      if (!isMember(frame.chatId(), userId)) {
        return response(refusal(frame, "CHAT_NOT_FOUND"));
      }
      return response(send(frame, userId));
    } catch (JsonProcessingException notJson) {
      throw new IllegalArgumentException(notJson);
    }
  }

  private Answer send(Frame frame, String userId) throws JsonProcessingException {
    byte[] data =
        json.writeValueAsBytes(
            new Message(
                1,
                "message",
                frame.chatId(),
                userId,
                frame.clientMessageId(),
                frame.text(),
                false,
                TIME.format(Instant.now()),
                traceId()));
    String number =
        kinesis
            .putRecord(
                put ->
                    put.streamName(streamName)
                        .partitionKey(frame.chatId())
                        .data(SdkBytes.fromByteArray(data)))
            .sequenceNumber();
    return new Answer(
        "sent",
        frame.requestId(),
        frame.chatId(),
        frame.clientMessageId(),
        String.format("%03d%s-%08d", number.length(), number, 0),
        null);
  }

  private boolean isMember(String chatId, String userId) {
    String seat = chatId + "#" + userId;
    Instant now = Instant.now();
    Instant seenAt = seen.get(seat);
    if (seenAt != null && now.isBefore(seenAt.plus(MEMBERSHIP_FOR))) {
      return true;
    }
    Map<String, AttributeValue> item =
        dynamoDb
            .getItem(
                get ->
                    get.tableName(tableName)
                        .key(
                            Map.of(
                                "PK", AttributeValue.fromS("CHAT#" + chatId),
                                "SK", AttributeValue.fromS("MEMBER#" + userId)))
                        .consistentRead(true))
            .item();
    AttributeValue role = item.get("role");
    if (role == null || role.s().equals("removed")) {
      return false;
    }
    seen.put(seat, now);
    return true;
  }

  private static @Nullable String traceId() {
    String header = System.getProperty("com.amazonaws.xray.traceHeader");
    if (header == null) {
      return null;
    }
    for (String part : header.split(";", -1)) {
      if (part.startsWith("Root=")) {
        return part.substring("Root=".length());
      }
    }
    return null;
  }

  private static Answer refusal(Frame frame, String code) {
    return new Answer("error", frame.requestId(), frame.chatId(), null, null, code);
  }

  private APIGatewayV2WebSocketResponse response(Answer answer) throws JsonProcessingException {
    APIGatewayV2WebSocketResponse response = new APIGatewayV2WebSocketResponse();
    response.setStatusCode(200);
    response.setBody(json.writeValueAsString(answer));
    return response;
  }
}
