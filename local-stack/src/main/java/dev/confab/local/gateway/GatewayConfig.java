package dev.confab.local.gateway;

import java.net.InetSocketAddress;

/**
 * What the gateway is called and where it listens.
 *
 * @param address where it listens, for WebSocket and HTTP alike; port 0 takes a free one
 * @param stage the one stage, and so the path of the WebSocket: {@code local} is {@code /local}
 * @param apiId what events and ARNs call the API
 * @param region what ARNs say; no request leaves this machine
 * @param accountId what ARNs say, 12 digits
 */
public record GatewayConfig(
    InetSocketAddress address,
    String stage,
    String apiId,
    String region,
    String accountId,
    GatewayLimits limits) {
  public GatewayConfig {
    if (!stage.matches("[A-Za-z0-9_-]{1,128}")) {
      throw new IllegalArgumentException(
          "stage must be 1 to 128 letters, digits, - or _, not '" + stage + "'");
    }
    if (!accountId.matches("[0-9]{12}")) {
      throw new IllegalArgumentException("accountId must be 12 digits, not '" + accountId + "'");
    }
  }

  /** A gateway on the loopback interface, with API Gateway's own limits. */
  public static GatewayConfig onLoopback(int port) {
    return new GatewayConfig(
        new InetSocketAddress("localhost", port),
        "local",
        "confab",
        "us-east-1",
        "000000000000",
        GatewayLimits.API_GATEWAY);
  }

  public GatewayConfig withLimits(GatewayLimits changed) {
    return new GatewayConfig(address, stage, apiId, region, accountId, changed);
  }
}
