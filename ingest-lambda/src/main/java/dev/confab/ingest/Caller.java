package dev.confab.ingest;

import dev.confab.events.ConnectionId;
import dev.confab.events.UserId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who sent a frame, and how long there is to answer it.
 *
 * @param connectionExpiresAt when the connection's subscriptions end by themselves
 * @param deadline when the answer must be out
 * @param traceId the X-Ray trace of this invocation; absent where there is none
 */
record Caller(
    UserId userId,
    ConnectionId connectionId,
    Instant connectionExpiresAt,
    Instant deadline,
    @Nullable String traceId) {}
