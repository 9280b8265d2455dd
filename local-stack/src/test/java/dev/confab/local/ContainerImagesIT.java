package dev.confab.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.confab.events.UserId;
import dev.confab.local.gateway.Gateway;
import dev.confab.local.gateway.GatewayConfig;
import dev.confab.local.template.LocalValues;
import dev.confab.local.template.Template;
import dev.confab.metrics.EmfSpecification;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The consumers' images, run with the template's environment against the embedded services: a
 * message goes from a client through both of them. Needs the images:
 *
 * <pre>mvn verify -Dimage.registry=local -Dimage.goal=buildTar -Dimage.base=scratch</pre>
 */
class ContainerImagesIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A JVM's boot, KCL's start and a stop, on a machine with better things to do. */
  private static final int PATIENCE_SECONDS = 60;

  /** ECS asks by SIGTERM, to which a JVM answers with 128 + 15. */
  private static final int ASKED_TO_STOP = 143;

  /** What the JVM says about the options that this test adds. */
  private static final Pattern OF_THE_TEST =
      Pattern.compile("NOTE: Picked up JDK_JAVA_OPTIONS|WARNING: java.io.tmpdir directory");

  @TempDir Path folder;

  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  @BeforeEach
  void imagesAreThere() {
    for (String stage : new String[] {"persist", "fanout"}) {
      assumeTrue(Files.exists(tar(stage)), "no image at " + tar(stage) + ", skipped");
    }
  }

  @AfterEach
  void stop() throws Exception {
    while (!started.isEmpty()) {
      started.pop().close();
    }
  }

  private static Path tar(String stage) {
    return Path.of("..", stage + "-consumer", "target", "jib-image.tar");
  }

  private <T extends AutoCloseable> T started(T part) {
    started.push(part);
    return part;
  }

  @Test
  void messageGoesThroughBothImages_whichStopInTimeWhenAsked() throws Exception {
    LocalStack.setCredentials();
    Gateway gateway = started(Gateway.bind(GatewayConfig.onLoopback(0)));
    EmbeddedServices services =
        started(
            EmbeddedServices.start(
                LocalOptions.anyPorts(Path.of("../template.yaml")), Clock.systemUTC()));
    Map<String, String> environment = LocalEnvironment.of(gateway.port(), services.endpoints());
    Template template = template(services.endpoints().sqs(), gateway.port());
    new Provisioning(services.endpoints()).provide(template, 2);
    DevTokens tokens = DevTokens.create(Clock.systemUTC());
    gateway.serve(
        Functions.api(template, environment, true), PageRoutes.of(tokens, gateway.webSocketUri()));

    Container persist = container("persist", template.tasks().get("PersistTask"), environment);
    Container fanout = container("fanout", template.tasks().get("FanoutTask"), environment);
    HttpClient http = HttpClient.newHttpClient();
    started(http::shutdownNow); // close() would wait for the socket's end
    Client ana = new Client();
    String token = tokens.tokenFor(new UserId("ana"), "Ana");
    URI address = URI.create(gateway.webSocketUri() + "?token=" + token);
    talk(ana, http.newWebSocketBuilder().buildAsync(address, ana).join());
    persist.stop();
    fanout.stop();
  }

  private static void talk(Client ana, WebSocket socket) throws Exception {
    send(socket, "{'action':'createChat','chatId':'lobby','access':'open'}");
    ana.await("chatCreated");
    send(socket, "{'action':'join','chatId':'lobby'}");
    ana.await("joined"); // the fan-out's answer
    send(
        socket, "{'action':'sendMessage','chatId':'lobby','clientMessageId':'c-1','text':'hello'}");
    JsonNode pushed = ana.await("messages").path("messages").path(0);
    assertThat(pushed.path("text").asText()).isEqualTo("hello");
    for (int attempt = 0; attempt < PATIENCE_SECONDS; attempt++) {
      send(socket, "{'action':'history','chatId':'lobby','limit':10}");
      JsonNode stored = ana.await("history").path("messages");
      if (!stored.isEmpty()) {
        assertThat(stored.path(0).path("position")).isEqualTo(pushed.path("position"));
        return;
      }
    }
    throw new AssertionError("persist stored nothing");
  }

  private static void send(WebSocket socket, String frame) {
    socket.sendText(frame.replace('\'', '"'), true).join();
  }

  private static Template template(URI queues, int gatewayPort) throws Exception {
    return Template.read(
        Path.of("../template.yaml"),
        new LocalValues(
            LocalStack.STACK,
            LocalEnvironment.REGION,
            LocalEnvironment.ACCOUNT,
            queues,
            URI.create("http://localhost:" + gatewayPort)),
        Map.of(
            "StageName", LocalStack.STAGE,
            "JwtIssuer", DevTokens.ISSUER,
            "JwtAudience", DevTokens.AUDIENCE,
            "JwksUrl", "http://localhost:" + gatewayPort + PageRoutes.KEYS));
  }

  private Container container(
      String stage, Template.@Nullable Task task, Map<String, String> environment)
      throws Exception {
    Map<String, String> own = Objects.requireNonNull(task, stage).environment();
    ContainerImage image =
        ContainerImage.unpack(tar(stage), Files.createDirectory(folder.resolve(stage)));
    assertThat(image.user()).as("not root, by number").matches("[1-9]\\d*:[1-9]\\d*");
    assertThat(image.files())
        .contains("app/classes/dev/confab/" + stage + "/package-info.class")
        .noneMatch(file -> file.contains("junit") || file.contains("DynamoDBLocal"))
        .noneMatch(file -> file.contains("glue") || file.contains("local-kinesis"));
    Map<String, String> variables = new HashMap<>(environment);
    variables.putAll(own);
    // The template makes the root file system read-only.
    variables.put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + folder.resolve("not-there"));
    Path log = Path.of("target", "container-" + stage + ".log");
    Process process = image.run(variables, log.toFile());
    started(process::destroyForcibly);
    return new Container(process, log);
  }

  private record Container(Process process, Path log) {
    void stop() throws Exception {
      assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
      process.destroy();
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      String lines = Files.readString(log);
      assertThat(process.exitValue()).as(lines).isEqualTo(ASKED_TO_STOP);
      assertThat(lines).as("gave its leases up").contains(": freed");
      int metrics = 0;
      for (String line : lines.lines().toList()) {
        if (OF_THE_TEST.matcher(line).lookingAt()) {
          continue;
        }
        JsonNode json = JSON.readTree(line);
        if (json.has("_aws")) {
          metrics++;
          assertThat(EmfSpecification.breaches(line)).as(line).isEmpty();
        } else {
          assertThat(json.path("formattedMessage").isTextual()).as(line).isTrue();
        }
      }
      assertThat(metrics).as("lines of metrics").isPositive();
    }
  }

  private static final class Client implements WebSocket.Listener {
    private final BlockingQueue<JsonNode> frames = new LinkedBlockingQueue<>();
    private final StringBuilder partial = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        try {
          frames.add(JSON.readTree(partial.toString()));
        } catch (JsonProcessingException notJson) {
          throw new IllegalStateException(notJson);
        }
        partial.setLength(0);
      }
      socket.request(1);
      return null;
    }

    JsonNode await(String type) throws InterruptedException {
      while (true) {
        JsonNode frame = frames.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(frame).as("a frame " + type).isNotNull();
        if (frame.path("type").asText().equals(type)) {
          return frame;
        }
        assertThat(frame.path("type").asText()).as(frame.toString()).isNotEqualTo("error");
      }
    }
  }
}
