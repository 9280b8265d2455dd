package dev.confab.fanout;

import dev.confab.events.Bytes;
import dev.confab.events.ChatId;
import dev.confab.events.Position;
import java.time.Instant;
import java.util.List;

/**
 * What one POST carries to one connection.
 *
 * @param kind its type on the wire, for the log
 * @param body shared by all connections that get the same
 * @param positions of the messages that a client misses if it doesn't get this, oldest first; none
 *     for a frame that no replay can bring back
 * @param replayCount how often the messages have been replayed, 0 for live ones
 * @param expiresAt when the subscription ends by itself: no POST starts from then on
 */
record Frame(
    ChatId chatId,
    String kind,
    Bytes body,
    List<Position> positions,
    int replayCount,
    Instant expiresAt) {}
