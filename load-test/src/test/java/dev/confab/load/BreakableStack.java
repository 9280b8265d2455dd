package dev.confab.load;

import dev.confab.fanout.FanoutConsumer;
import dev.confab.local.LocalOptions;
import dev.confab.local.LocalStack;
import dev.confab.persist.PersistConsumer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/**
 * A whole local stack whose consumers reach table, queues and connections through proxies: a test
 * breaks what it likes for them, and still sees behind it.
 */
final class BreakableStack implements AutoCloseable {
  final LocalStack stack;
  final Breaker table;
  final Breaker queues;
  final Breaker connections;
  final Backdoor backdoor;
  final Person.Crowd crowd;
  private final PersistConsumer persist;
  private final FanoutConsumer fanout;

  /**
   * Starts one.
   *
   * @param kinesisClock the stream's
   */
  BreakableStack(Clock kinesisClock) throws IOException {
    LocalOptions options = LocalOptions.anyPorts(Path.of("../template.yaml"));
    stack = LocalStack.startWithoutConsumers(options, kinesisClock, _ -> {});
    table = new Breaker(URI.create(endpoint("DYNAMODB")));
    queues = new Breaker(URI.create(endpoint("SQS")));
    connections = new Breaker(stack.pageUri());
    backdoor = new Backdoor(stack);
    crowd = new Person.Crowd(stack);
    persist = PersistConsumer.start(throughBreakers("PersistTask"));
    fanout = FanoutConsumer.start(throughBreakers("FanoutTask"));
  }

  private String endpoint(String service) {
    String endpoint = stack.environment().get("AWS_ENDPOINT_URL_" + service);
    if (endpoint == null) {
      throw new AssertionError("the stack has no " + service);
    }
    return endpoint;
  }

  private Map<String, String> throughBreakers(String task) {
    Map<String, String> variables = new HashMap<>(stack.taskEnvironment(task));
    variables.put("AWS_ENDPOINT_URL_DYNAMODB", table.uri().toString());
    variables.put("AWS_ENDPOINT_URL_SQS", queues.uri().toString());
    variables.computeIfPresent("CONNECTIONS_ENDPOINT", (_, _) -> connections.uri() + "/local");
    return variables;
  }

  @Override
  public void close() {
    crowd.close();
    backdoor.close();
    persist.close();
    fanout.close();
    stack.close();
    table.close();
    queues.close();
    connections.close();
  }
}
