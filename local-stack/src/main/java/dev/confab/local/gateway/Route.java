package dev.confab.local.gateway;

import org.jspecify.annotations.Nullable;

/**
 * What a frame of one action meets.
 *
 * @param function what handles it
 * @param twoWay whether the function's body goes back to the client: in AWS only with a route
 *     response
 * @param throttle above which a frame is answered {@code Too Many Requests}, or null for no bound
 */
public record Route(LambdaFunction function, boolean twoWay, @Nullable Throttle throttle) {
  public Route(LambdaFunction function, boolean twoWay) {
    this(function, twoWay, null);
  }
}
