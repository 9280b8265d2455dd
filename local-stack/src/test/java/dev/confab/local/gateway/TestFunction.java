package dev.confab.local.gateway;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A function that keeps the events it gets and answers as a test says. */
final class TestFunction implements RequestStreamHandler {
  static final ObjectMapper JSON = new ObjectMapper();
  static final Duration PATIENCE = Duration.ofSeconds(20);

  interface Behaviour {
    String answer(JsonNode event, Context context) throws Exception;
  }

  private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
  private volatile Behaviour behaviour;

  private TestFunction(Behaviour behaviour) {
    this.behaviour = behaviour;
  }

  static TestFunction answering(String answer) {
    return new TestFunction((_, _) -> answer);
  }

  static TestFunction ok() {
    return answering("{\"statusCode\":200}");
  }

  /** An authorizer that lets everyone in as {@code ana}. */
  static TestFunction allowing() {
    return answering(
        """
        {"principalId":"ana","policyDocument":{"Version":"2012-10-17","Statement":[
          {"Action":"execute-api:Invoke","Effect":"Allow",
           "Resource":"arn:aws:execute-api:us-east-1:000000000000:confab/local/$connect"}]},
         "context":{"userId":"ana","exp":1795000000,"admin":true}}\
        """);
  }

  void now(Behaviour changed) {
    behaviour = changed;
  }

  void nowAnswering(String answer) {
    behaviour = (_, _) -> answer;
  }

  JsonNode nextEvent() throws InterruptedException {
    JsonNode event = events.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    if (event == null) {
      throw new AssertionError("no event came");
    }
    return event;
  }

  int eventsWaiting() {
    return events.size();
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    JsonNode event = JSON.readTree(input);
    events.add(event);
    try {
      output.write(behaviour.answer(event, context).getBytes(StandardCharsets.UTF_8));
    } catch (IOException | RuntimeException thrown) {
      throw thrown;
    } catch (Exception thrown) {
      throw new IllegalStateException(thrown);
    }
  }
}
