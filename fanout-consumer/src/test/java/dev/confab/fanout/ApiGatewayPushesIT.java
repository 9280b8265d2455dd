package dev.confab.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.ConnectionId;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.regions.Region;

/** The real client against a server that speaks as API Gateway does, byte for byte. */
class ApiGatewayPushesIT extends PushesContractTest {
  private static final Duration TIME_OUT = Duration.ofMillis(200);
  private static final ConnectionId OPEN = new ConnectionId("L0SM9cOFvHcCIhw=");
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
