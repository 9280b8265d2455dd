package dev.confab.local.gateway;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.time.Duration;

/**
 * A function that the gateway calls.
 *
 * @param name what the function's context says it is called
 * @param handler called from one virtual thread an event, many at once: unlike in Lambda, where an
 *     environment handles one event at a time, so it must be thread-safe
 * @param timeout after which the call counts as failed and its thread is interrupted
 */
public record LambdaFunction(String name, RequestStreamHandler handler, Duration timeout) {
  public LambdaFunction {
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException(name + ": timeout must be above zero, not " + timeout);
    }
  }
}
