package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.ConnectionId;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.regions.Region;

/** The real client against a server that speaks as API Gateway does, byte for byte. */
class ApiGatewayPushesIT extends PushesContractTest {
  private static final Duration TIME_OUT = Duration.ofMillis(200);

  private static final ConnectionId OPEN = new ConnectionId("L0SM9cOFvHcCIhw=");
  private static final Pushes.Push DELIVERED = new Pushes.Delivered();
  private static final Pushes.Push GONE = new Pushes.Gone();
  private static final Bytes FRAME = Bytes.of("{}".getBytes(StandardCharsets.UTF_8));

  private final StubEndpoint endpoint = new StubEndpoint();
  private final ApiGatewayPushes pushes =
      ApiGatewayPushes.at(endpoint.uri(), Region.EU_CENTRAL_1, TIME_OUT);

  @AfterEach
  void stop() throws IOException {
    pushes.close();
    endpoint.close();
  }

  @Override
  Pushes pushes() {
    return pushes;
  }

  @Override
  void open(ConnectionId connection) {
    endpoint.open(connection);
  }

  @Override
  void close(ConnectionId connection) {
    endpoint.closeConnection(connection);
  }

  @Override
  List<Bytes> framesOf(ConnectionId connection) {
    return endpoint.framesOf(connection);
  }

  @Override
  void fail(InMemoryPushes.Fault fault) {
    endpoint.fail(fault);
  }

  @Test
  void theRequest_isWhatApiGatewayExpects() {
    open(OPEN);
    pushes.push(OPEN, FRAME);
    pushes.probe(OPEN);
    assertThat(endpoint.requestLines())
        .containsExactly(
            "POST /local/@connections/L0SM9cOFvHcCIhw%3D HTTP/1.1",
            "GET /local/@connections/L0SM9cOFvHcCIhw%3D HTTP/1.1");
    assertThat(endpoint.headers().getFirst().get("authorization"))
        .contains("AWS4-HMAC-SHA256", "/eu-central-1/execute-api/aws4_request");
  }

  @Test
  void aFaultyEndpoint_isAskedOnce() {
    open(OPEN);
    fail(InMemoryPushes.Fault.ERROR);
    pushes.push(OPEN, FRAME);
    assertThat(endpoint.requestLines()).hasSize(1);
  }

  @Test
  void aReason_saysWhatTheEndpointSaidAndNothingOfTheConnection() {
    open(OPEN);
    fail(InMemoryPushes.Fault.SLOW);
    assertThat(pushes.push(OPEN, FRAME))
        .isEqualTo(new Pushes.Slow("HTTP 429 LimitExceededException"));
  }

  @Test
  void pushes_shareOneConnectionToTheEndpoint() {
    open(OPEN);
    for (int i = 0; i < 10; i++) {
      pushes.push(OPEN, FRAME);
      pushes.probe(OPEN);
    }
    assertThat(endpoint.accepted()).isEqualTo(1);
  }

  /** A 410 that reaches another push would end a subscription that is alive. */
  @Test
  void eachPush_getsItsOwnAnswer() {
    List<ConnectionId> open = new ArrayList<>();
    List<ConnectionId> gone = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      open.add(new ConnectionId("open" + i + "="));
      gone.add(new ConnectionId("gone" + i + "="));
    }
    open.forEach(this::open);
    ConnectionId never = new ConnectionId("never="); // its answer must not be the next one's
    endpoint.fail(
        line -> line.contains("never") ? InMemoryPushes.Fault.NEVER : InMemoryPushes.Fault.NONE);
    Map<ConnectionId, Set<Pushes.Push>> answers = new ConcurrentHashMap<>();
    try (ApiGatewayPushes patient = ApiGatewayPushes.at(endpoint.uri(), Region.EU_CENTRAL_1);
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      executor.execute(() -> answers.put(never, pushOften(patient, never, 1)));
      open.forEach(id -> executor.execute(() -> answers.put(id, pushOften(patient, id, 50))));
      gone.forEach(id -> executor.execute(() -> answers.put(id, pushOften(patient, id, 50))));
    }
    assertThat(answers.get(never)).hasOnlyElementsOfType(Pushes.Failed.class);
    assertThat(open).allSatisfy(id -> assertThat(answers.get(id)).containsOnly(DELIVERED));
    assertThat(gone).allSatisfy(id -> assertThat(answers.get(id)).containsOnly(GONE));
  }

  private static Set<Pushes.Push> pushOften(Pushes pushes, ConnectionId id, int times) {
    return IntStream.range(0, times)
        .mapToObj(_ -> pushes.push(id, FRAME))
        .collect(Collectors.toSet());
  }

  @Test
  void aConnectionToTheEndpoint_thatIsClosedWhileIdle_failsOnePushAtMost() throws IOException {
    open(OPEN);
    pushes.push(OPEN, FRAME);
    endpoint.dropSockets();
    pushes.push(OPEN, FRAME);
    assertThat(pushes.push(OPEN, FRAME)).isEqualTo(DELIVERED);
  }

  @Test
  void anEndpointThatIsNotThere_isAFailure() throws IOException {
    URI nobody = endpoint.uri();
    endpoint.close();
    try (ApiGatewayPushes toNobody = ApiGatewayPushes.at(nobody, Region.EU_CENTRAL_1, TIME_OUT)) {
      assertThat(toNobody.push(OPEN, FRAME)).isInstanceOf(Pushes.Failed.class);
      assertThat(toNobody.probe(OPEN)).isInstanceOf(Pushes.Unknown.class);
    }
  }
}
