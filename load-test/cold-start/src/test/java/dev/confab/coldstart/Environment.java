package dev.confab.coldstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.confab.events.ChatEvent;
import dev.confab.events.Decoded;
import dev.confab.events.Position;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** A process that runs one copy of a function, with what stands in for Lambda. */
final class Environment implements AutoCloseable {
  private static final String RATE = "100000"; // of frames: the warm ones come without a pause
  private static final Duration TOKEN_LIFE = Duration.ofHours(1);
  private static final long QUIET_NANOS = 1_000_000;
  private static final Duration QUIET_FOR = Duration.ofMillis(500);
  private static final int QUIET_TRIES = 60;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EVENT = resource("/send-message-event.json");

  private final RuntimeApi api;
  private final AwsStub aws;
  private final Process process;
  private int messages;

  private Environment(RuntimeApi api, AwsStub aws, Process process) {
    this.api = api;
    this.aws = aws;
    this.process = process;
  }

  /**
   * Starts one.
   *
   * @param log where its output goes
   */
  static Environment start(Function function, Function.Start start, AwsStub aws, Path log)
      throws IOException {
    RuntimeApi api = new RuntimeApi();
    ProcessBuilder builder =
        new ProcessBuilder(function.command())
            .directory(function.folder().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Map<String, String> variables = builder.environment();
    String path = variables.get("PATH");
    variables.clear();
    variables.putAll(lambdas(api, start));
    variables.put("PATH", path);
    variables.put("HOME", function.folder().toString());
    variables.put("TABLE_NAME", AwsStub.TABLE);
    variables.put("STREAM_NAME", AwsStub.STREAM);
    variables.put("AWS_ENDPOINT_URL_KINESIS", aws.kinesis().toString());
    variables.put("AWS_ENDPOINT_URL_DYNAMODB", aws.dynamoDb().toString());
    variables.put("USER_RATE_PER_SECOND", RATE);
    variables.put("USER_BURST", RATE);
    variables.putAll(function.environment());
    Process process = builder.start();
    api.serves(process);
    return new Environment(api, aws, process);
  }

  /** What Lambda tells every function. */
  private static Map<String, String> lambdas(RuntimeApi api, Function.Start start) {
    Map<String, String> variables =
        new java.util.HashMap<>(
            Map.of(
                "AWS_LAMBDA_RUNTIME_API", api.address(),
                "AWS_LAMBDA_FUNCTION_NAME", "send-message",
                "AWS_LAMBDA_FUNCTION_VERSION", "1",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024",
                "AWS_LAMBDA_LOG_FORMAT", "JSON",
                "AWS_REGION", "us-east-1",
                "AWS_DEFAULT_REGION", "us-east-1",
                "LANG", "en_US.UTF-8",
                "TZ", ":UTC"));
    switch (start) {
      case COLD -> {
        variables.put("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
        variables.put("AWS_ACCESS_KEY_ID", "local");
        variables.put("AWS_SECRET_ACCESS_KEY", "local");
        variables.put("AWS_SESSION_TOKEN", "local");
      }
      case SNAP_START -> {
        variables.put("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
        variables.put("AWS_CONTAINER_CREDENTIALS_FULL_URI", api.credentialsUri());
        variables.put("AWS_CONTAINER_AUTHORIZATION_TOKEN", api.credentialsToken());
      }
    }
    return variables;
  }

  /**
   * Waits until the process would be snapshot and its compilers are done, cuts its connections, and
   * lets it go on.
   *
   * @return what it had used before
   */
  Usage restore() throws InterruptedException, IOException, GeneralSecurityException {
    api.awaitCheckpoint();
    Usage before = Usage.of(process.pid());
    for (int i = 0; i < QUIET_TRIES; i++) {
      Thread.sleep(QUIET_FOR);
      Usage now = Usage.of(process.pid());
      boolean isQuiet = now.cpuNanos() - before.cpuNanos() < QUIET_NANOS;
      before = now;
      if (isQuiet && i > 1) { // the credentials of before last a second
        aws.restart();
        before = Usage.of(process.pid());
        api.restore();
        return before;
      }
    }
    throw new IllegalStateException("the process does not come to rest");
  }

  /**
   * Has one message sent, and looks at what became of it: one more record on the stream, which says
   * what the event said, and an answer that names its position.
   *
   * @return what the process had used when its answer came
   */
  Usage send() throws InterruptedException, IOException {
    String clientMessageId = "c-" + ++messages;
    int putsBefore = aws.puts();
    RuntimeApi.Reply.Answer answer = api.invoke(event(clientMessageId));
    JsonNode response = JSON.readTree(answer.body());
    JsonNode frame = JSON.readTree(response.path("body").asText());
    AwsStub.Put put = aws.lastPut();
    boolean isSent =
        response.path("statusCode").asInt() == 200
            && frame.path("type").asText().equals("sent")
            && frame.path("position").asText().equals(Position.of(put.sequenceNumber(), 0).value())
            && frame.path("requestId").asText().equals("r-1")
            && frame.path("clientMessageId").asText().equals(clientMessageId)
            && aws.puts() == putsBefore + 1
            && isMessage(put, clientMessageId);
    if (!isSent) {
      throw new IllegalStateException("not sent: " + answer.body() + " after " + put);
    }
    return answer.usage();
  }

  private static boolean isMessage(AwsStub.Put put, String clientMessageId) {
    return put.decoded() instanceof Decoded.Event(ChatEvent event)
        && event instanceof ChatEvent.MessageSent sent
        && sent.senderId().value().equals("ana")
        && sent.clientMessageId().value().equals(clientMessageId)
        && sent.text().equals("Who brings the cups? I have the coffee.")
        && RuntimeApi.TRACE_ID.equals(sent.traceId());
  }

  private static byte[] event(String clientMessageId) {
    Instant now = Instant.now();
    return EVENT
        .replace("${now}", Long.toString(now.toEpochMilli()))
        .replace("${expiresAt}", Long.toString(now.plus(TOKEN_LIFE).getEpochSecond()))
        .replace("${clientMessageId}", clientMessageId)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String resource(String name) {
    try (InputStream in = Environment.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException impossible) {
      throw new java.io.UncheckedIOException(impossible);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
    api.close();
  }
}
