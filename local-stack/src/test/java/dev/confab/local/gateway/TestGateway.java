package dev.confab.local.gateway;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.apigatewaymanagementapi.ApiGatewayManagementApiClient;

/** A gateway on a free port, its functions in a test's hands, and clients of both its sides. */
final class TestGateway implements AutoCloseable {
  final TestFunction authorize = TestFunction.allowing();
  final TestFunction connect = TestFunction.ok();
  final TestFunction disconnect = TestFunction.ok();
  final TestFunction echo = TestFunction.ok();
  final TestFunction fallback = TestFunction.answering("{\"statusCode\":200,\"body\":\"default\"}");
  final HttpClient http = HttpClient.newHttpClient();
  final Map<String, Route> routes = new HashMap<>();
  final List<HttpRoute> httpRoutes = new ArrayList<>();
  List<String> identitySources = List.of("route.request.querystring.token");
  boolean authorized = true;
  GatewayLimits limits = GatewayLimits.API_GATEWAY;
  private @Nullable Gateway gateway;
  private @Nullable ApiGatewayManagementApiClient management;

  TestGateway() {
    echo.now(
        (event, _) ->
            TestFunction.JSON.writeValueAsString(
                Map.of("statusCode", 200, "body", event.get("body").asText())));
    routes.put("$connect", new Route(function("connect", connect), false));
    routes.put("$disconnect", new Route(function("disconnect", disconnect), false));
    routes.put("$default", new Route(function("fallback", fallback), true));
    routes.put("echo", new Route(function("echo", echo), true));
    routes.put("tell", new Route(function("echo", echo), false));
  }

  static LambdaFunction function(String name, TestFunction handler) {
    return new LambdaFunction(name, handler, Duration.ofMinutes(1));
  }

  TestGateway start() throws Exception {
    gateway = Gateway.bind(GatewayConfig.onLoopback(0).withLimits(limits));
    gateway.serve(
        new WebSocketApi(
            "action",
            routes,
            authorized ? new Authorizer(function("authorize", authorize), identitySources) : null),
        httpRoutes);
    return this;
  }

  private Gateway gateway() {
    if (gateway == null) {
      throw new IllegalStateException("start() first");
    }
    return gateway;
  }

  URI uri() {
    return URI.create(gateway().webSocketUri() + "?token=t");
  }

  /** An HTTP address. */
  URI uri(String path) {
    return gateway().connectionsEndpoint().resolve(path);
  }

  TestSocket open() {
    return TestSocket.open(http, uri());
  }

  /** The id of the next connection, which only its events tell. */
  String openedId() throws InterruptedException {
    return connect.nextEvent().at("/requestContext/connectionId").asText();
  }

  ApiGatewayManagementApiClient management() {
    if (management == null) {
      management =
          ApiGatewayManagementApiClient.builder()
              .endpointOverride(gateway().connectionsEndpoint())
              .region(Region.US_EAST_1)
              .credentialsProvider(
                  StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
              .httpClient(UrlConnectionHttpClient.create())
              .overrideConfiguration(o -> o.retryStrategy(DefaultRetryStrategy.doNotRetry()))
              .build();
    }
    return management;
  }

  @Override
  public void close() {
    if (gateway != null) {
      gateway.close();
    }
    if (management != null) {
      management.close();
    }
    http.shutdownNow();
  }
}
