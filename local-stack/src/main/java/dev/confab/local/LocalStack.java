package dev.confab.local;

import dev.confab.events.UserId;
import dev.confab.fanout.FanoutConsumer;
import dev.confab.kinesis.LocalKinesis;
import dev.confab.local.gateway.Gateway;
import dev.confab.local.gateway.GatewayConfig;
import dev.confab.local.gateway.WebSocketApi;
import dev.confab.local.template.LocalValues;
import dev.confab.local.template.Template;
import dev.confab.local.template.TemplateException;
import dev.confab.metrics.EmbeddedMetrics;
import dev.confab.persist.PersistConsumer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole system in this JVM: embedded services, the WebSocket gateway with the real route
 * handlers behind it, and both consumers under the KCL host. What it runs is what {@code
 * template.yaml} describes.
 */
public final class LocalStack implements AutoCloseable {
  static final String STAGE = "local";
  static final String STACK = "confab";

  private static final Logger LOG = LoggerFactory.getLogger(LocalStack.class);

  /** Closed in the reverse of the order in which they were started. */
  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  private final @Nullable EmbeddedServices embedded;
  private final Gateway gateway;
  private final DevTokens tokens;
  private final Map<String, String> environment;

  /** What every stage is told beside what the template tells it. */
  private final Map<String, String> stageEnvironment;

  private final LocalOptions options;
  private final Template template;

  private LocalStack(
      LocalOptions options,
      @Nullable ServiceEndpoints given,
      boolean withConsumers,
      Clock kinesisClock,
      Consumer<String> progress) {
    this.options = options;
    try {
      setCredentials();
      ServiceEndpoints nowhere = ServiceEndpoints.local(1, 1, 1);
      readTemplate(options, nowhere, 1); // a broken one is worth a word before anything starts
      tokens = DevTokens.create(Clock.systemUTC());
      gateway = startGateway(options);
      ServiceEndpoints services = given;
      if (services == null) {
        progress.accept("starting Kinesis, DynamoDB and SQS ...");
        embedded = started(EmbeddedServices.start(options, kinesisClock));
        services = embedded.endpoints();
      } else {
        embedded = null;
      }
      environment = LocalEnvironment.of(gateway.port(), services);
      stageEnvironment = new HashMap<>(environment);
      stageEnvironment.put("METRICS_TO", metricsTo(options));
      template = provided(options, services, gateway.port());
      if (withConsumers) {
        progress.accept("starting the consumers and the gateway ...");
        startConsumers();
      }
      gateway.serve(routes(template), PageRoutes.of(tokens, gateway.webSocketUri()));
      closeFirst(gateway);
    } catch (RuntimeException failed) {
      close();
      throw failed;
    }
  }

  /** Makes what the template describes, and reads it again if it is in another account. */
  private static Template provided(
      LocalOptions options, ServiceEndpoints services, int gatewayPort) {
    Template template = readTemplate(options, services, gatewayPort);
    String account = new Provisioning(services).provide(template, options.shards());
    return account.equals(LocalEnvironment.ACCOUNT)
        ? template
        : readTemplate(options, services, account, gatewayPort);
  }

  /**
   * Starts everything and returns when clients may connect.
   *
   * @param progress told what is being done, a line each
   * @throws StartException with one line that says what to do
   */
  public static LocalStack start(LocalOptions options, Consumer<String> progress) {
    return new LocalStack(options, null, true, Clock.systemUTC(), progress);
  }

  /**
   * As {@link #start}, on services that run elsewhere. What the template describes is made there
   * where it is missing, and stays.
   *
   * @param options whose ports of services, data folder and shard limits don't matter here
   */
  public static LocalStack startOn(
      ServiceEndpoints services, LocalOptions options, Consumer<String> progress) {
    return new LocalStack(options, services, true, Clock.systemUTC(), progress);
  }

  /** As {@link #start}, without consumers: they run elsewhere, told by {@link #taskEnvironment}. */
  public static LocalStack startWithoutConsumers(LocalOptions options, Consumer<String> progress) {
    return startWithoutConsumers(options, Clock.systemUTC(), progress);
  }

  /**
   * As above, for a test in which the stream's retention ends.
   *
   * @param kinesisClock the stream's own: says when records arrive and how long they are kept
   */
  public static LocalStack startWithoutConsumers(
      LocalOptions options, Clock kinesisClock, Consumer<String> progress) {
    return new LocalStack(options, null, false, kinesisClock, progress);
  }

  /** The SDKs' default chain looks here; no service of this machine checks what it finds. */
  static void setCredentials() {
    System.setProperty("aws.accessKeyId", LocalEnvironment.CREDENTIAL);
    System.setProperty("aws.secretAccessKey", LocalEnvironment.CREDENTIAL);
  }

  private Gateway startGateway(LocalOptions options) {
    int port = Ports.free(options.port(), "the WebSocket gateway", "--port");
    try {
      return started(Gateway.bind(GatewayConfig.onLoopback(port)));
    } catch (IOException inUse) {
      throw new StartException(String.valueOf(inUse.getMessage()), inUse);
    }
  }

  private static Template readTemplate(
      LocalOptions options, ServiceEndpoints services, int gatewayPort) {
    return readTemplate(options, services, LocalEnvironment.ACCOUNT, gatewayPort);
  }

  private static Template readTemplate(
      LocalOptions options, ServiceEndpoints services, String account, int gatewayPort) {
    if (!Files.isReadable(options.template())) {
      throw new StartException(options.template() + " is missing: run this in Confab's folder");
    }
    LocalValues local =
        new LocalValues(
            STACK,
            LocalEnvironment.REGION,
            account,
            services.sqs(),
            URI.create("http://localhost:" + gatewayPort));
    Map<String, String> parameters =
        Map.of(
            "StageName",
            STAGE,
            "JwtIssuer",
            DevTokens.ISSUER,
            "JwtAudience",
            DevTokens.AUDIENCE,
            "JwksUrl",
            "http://localhost:" + gatewayPort + PageRoutes.KEYS,
            "Retrieval",
            options.retrieval().word());
    try {
      return Template.read(options.template(), local, parameters);
    } catch (TemplateException broken) {
      throw new StartException(String.valueOf(broken.getMessage()), broken);
    } catch (IOException unreadable) {
      throw new StartException(options.template() + ": " + unreadable.getMessage(), unreadable);
    }
  }

  /** Both at once: each waits for its leases most of the time. */
  private void startConsumers() {
    CompletableFuture<AutoCloseable> persist =
        CompletableFuture.supplyAsync(() -> PersistConsumer.start(taskEnvironment("PersistTask")));
    CompletableFuture<AutoCloseable> fanout =
        CompletableFuture.supplyAsync(() -> FanoutConsumer.start(taskEnvironment("FanoutTask")));
    var _ = persist.thenAccept(this::started);
    var _ = fanout.thenAccept(this::started);
    try {
      CompletableFuture.allOf(persist, fanout).join();
    } catch (CompletionException refused) {
      Throwable cause = refused.getCause() == null ? refused : refused.getCause();
      throw new StartException("a consumer did not start: " + cause.getMessage(), cause);
    }
  }

  /**
   * The environment variables of a consumer.
   *
   * @param logicalId of its task in the template: {@code PersistTask} or {@code FanoutTask}
   */
  public Map<String, String> taskEnvironment(String logicalId) {
    Template.Task task = template.tasks().get(logicalId);
    if (task == null) {
      throw new StartException("template.yaml: there is no task " + logicalId);
    }
    Map<String, String> variables = new HashMap<>(stageEnvironment);
    variables.putAll(task.environment());
    variables.put("FAILOVER", options.failover().toString());
    return variables;
  }

  /** Not to standard output, where they go in AWS: here people read it. */
  private static String metricsTo(LocalOptions options) {
    Path file = options.metrics();
    return file == null ? EmbeddedMetrics.OFF : file.toAbsolutePath().toString();
  }

  private WebSocketApi routes(Template template) {
    try {
      return Functions.api(template, stageEnvironment, true);
    } catch (IllegalArgumentException misnamed) {
      throw new StartException("template.yaml: " + misnamed.getMessage(), misnamed);
    }
  }

  private <T extends AutoCloseable> T started(T part) {
    synchronized (started) {
      started.push(part);
    }
    return part;
  }

  /** Nothing comes in while the rest finishes what it has. */
  private void closeFirst(AutoCloseable part) {
    synchronized (started) {
      started.remove(part);
      started.push(part);
    }
  }

  /** Where clients connect. */
  public URI webSocketUri() {
    return gateway.webSocketUri();
  }

  /** Where the chat page is. */
  public URI pageUri() {
    return URI.create("http://localhost:" + gateway.port() + "/");
  }

  /** A token of a user, who is named as the user's id. */
  public String tokenFor(String userId) {
    return tokens.tokenFor(new UserId(userId), userId);
  }

  /** The variables with which the SDKs reach the embedded services. */
  public Map<String, String> environment() {
    return environment;
  }

  /**
   * The embedded stream, to reshard it or to have it fail.
   *
   * @throws IllegalStateException if the stream is elsewhere
   */
  public LocalKinesis kinesis() {
    if (embedded == null) {
      throw new IllegalStateException("the stream is not in this JVM");
    }
    return embedded.kinesis();
  }

  /** For people to read: where everything is. */
  String addresses() {
    return """

          chat page    %s
          WebSocket    %s
          Kinesis      %s
          DynamoDB     %s
          SQS          %s
        """
        .formatted(
            pageUri(),
            webSocketUri(),
            environment.get(ServiceEndpoints.KINESIS),
            environment.get(ServiceEndpoints.DYNAMODB),
            environment.get(ServiceEndpoints.SQS));
  }

  /** Stops what was started, the last first, whatever fails on the way. */
  @Override
  public void close() {
    synchronized (started) {
      while (!started.isEmpty()) {
        AutoCloseable part = started.pop();
        try {
          part.close();
        } catch (Exception notStopped) {
          LOG.warn("{} did not stop cleanly", part.getClass().getSimpleName(), notStopped);
        }
      }
    }
  }
}
