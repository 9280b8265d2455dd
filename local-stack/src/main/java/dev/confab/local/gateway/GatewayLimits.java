package dev.confab.local.gateway;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much the gateway takes of anything.
 *
 * @param maxFrameBytes the payload of one frame from a client; above it the connection closes with
 *     1009. Frames to a client are cut to it
 * @param maxMessageBytes one message in either direction, all its frames together; a client's
 *     longer one closes with 1009, a longer POST is answered 413
 * @param integrationTimeout how long a route's function may take, whatever its own time-out
 * @param idleTimeout how long a connection may be without a frame in either direction
 * @param lifetime how long a connection may be open
 * @param maxUnsentBytes what may wait for a client that reads too slowly; above it a POST is
 *     answered 429 and no further frame is read from that client. API Gateway has such a bound but
 *     doesn't say how large: four of the largest messages here
 * @param maxFramesInFlight how many of one connection's frames may be with their functions at once;
 *     at the bound no further frame is read. Ours: API Gateway has the account's concurrency
 * @param posts what all callers together may POST to {@code @connections}, or null for no bound
 */
public record GatewayLimits(
    int maxFrameBytes,
    int maxMessageBytes,
    Duration integrationTimeout,
    Duration idleTimeout,
    Duration lifetime,
    int maxUnsentBytes,
    int maxFramesInFlight,
    @Nullable Throttle posts) {
  /** API Gateway's quotas for WebSocket APIs; those in time and size can't be raised there. */
  public static final GatewayLimits API_GATEWAY =
      new GatewayLimits(
          32 * 1024,
          128 * 1024,
          Duration.ofSeconds(29),
          Duration.ofMinutes(10),
          Duration.ofHours(2),
          512 * 1024,
          256,
          null);

  public GatewayLimits {
    if (maxFrameBytes < 126 || maxMessageBytes < maxFrameBytes) {
      throw new IllegalArgumentException(
          "a frame takes at least 126 bytes and a message at least one frame, not "
              + maxFrameBytes
              + " and "
              + maxMessageBytes);
    }
    if (maxUnsentBytes < maxMessageBytes) {
      throw new IllegalArgumentException(
          "maxUnsentBytes must hold one message of " + maxMessageBytes + " bytes");
    }
    if (maxFramesInFlight < 1) {
      throw new IllegalArgumentException("maxFramesInFlight must be at least 1");
    }
    requirePositive("integrationTimeout", integrationTimeout);
    requirePositive("idleTimeout", idleTimeout);
    requirePositive("lifetime", lifetime);
  }

  private static void requirePositive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(name + " must be above zero, not " + value);
    }
  }

  public GatewayLimits withIntegrationTimeout(Duration changed) {
    return new GatewayLimits(
        maxFrameBytes,
        maxMessageBytes,
        changed,
        idleTimeout,
        lifetime,
        maxUnsentBytes,
        maxFramesInFlight,
        posts);
  }

  public GatewayLimits withIdleTimeout(Duration changed) {
    return new GatewayLimits(
        maxFrameBytes,
        maxMessageBytes,
        integrationTimeout,
        changed,
        lifetime,
        maxUnsentBytes,
        maxFramesInFlight,
        posts);
  }

  public GatewayLimits withLifetime(Duration changed) {
    return new GatewayLimits(
        maxFrameBytes,
        maxMessageBytes,
        integrationTimeout,
        idleTimeout,
        changed,
        maxUnsentBytes,
        maxFramesInFlight,
        posts);
  }

  public GatewayLimits withFramesInFlight(int changed) {
    return new GatewayLimits(
        maxFrameBytes,
        maxMessageBytes,
        integrationTimeout,
        idleTimeout,
        lifetime,
        maxUnsentBytes,
        changed,
        posts);
  }

  public GatewayLimits withPosts(@Nullable Throttle changed) {
    return new GatewayLimits(
        maxFrameBytes,
        maxMessageBytes,
        integrationTimeout,
        idleTimeout,
        lifetime,
        maxUnsentBytes,
        maxFramesInFlight,
        changed);
  }
}
