package dev.confab.local.gateway;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a connection.
 *
 * @param connectionId 16 characters as API Gateway makes them, unique while the gateway runs
 * @param connectedAt when the upgrade request came, in milliseconds
 * @param sourceIp the peer's address
 */
record Client(
    String connectionId, Instant connectedAt, String sourceIp, @Nullable String userAgent) {}
