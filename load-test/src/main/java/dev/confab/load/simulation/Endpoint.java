package dev.confab.load.simulation;

import dev.confab.events.Bytes;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ConnectionId;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import dev.confab.events.UserId;
import dev.confab.fanout.Pushes;
import dev.confab.load.check.History;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** API Gateway's connections, and {@code @connections} as the fan-out reaches it. */
final class Endpoint {
  private static final Duration LONGEST_POST = Duration.ofMillis(30);
  private static final Duration TIME_OUT = Duration.ofSeconds(3);

  /** A connection. */
  static final class Socket {
    final ConnectionId id;
    final UserId userId;
    final Instant connectedAt;
    final Instant tokenExpiresAt;
    private final Consumer<ServerFrame> receiver;
    private final List<History.Exchange> exchanges = new ArrayList<>();
    private boolean isGone;
    private Instant slowUntil = Instant.MIN;

    private Socket(
        ConnectionId id,
        UserId userId,
        Instant connectedAt,
        Instant tokenExpiresAt,
        Consumer<ServerFrame> receiver) {
      this.id = id;
      this.userId = userId;
      this.connectedAt = connectedAt;
      this.tokenExpiresAt = tokenExpiresAt;
      this.receiver = receiver;
    }

    List<History.Exchange> exchanges() {
      return exchanges;
    }

    boolean isGone() {
      return isGone;
    }
  }

  private record Post(Fibers.Fiber run, ConnectionId connection, @Nullable ChatId chat) {}

  private final World world;
  private final Map<ConnectionId, Socket> sockets = new LinkedHashMap<>();
  private final Set<Post> underWay = new HashSet<>();

  Endpoint(World world) {
    this.world = world;
  }

  Socket connect(UserId userId, Duration token, Consumer<ServerFrame> receiver) {
    Instant now = world.fibers.instant();
    ConnectionId id = new ConnectionId("con-" + sockets.size());
    Socket socket =
        new Socket(
            id, userId, now, Instant.ofEpochSecond(now.plus(token).getEpochSecond()), receiver);
    sockets.put(id, socket);
    return socket;
  }

  /** From now on the endpoint answers 410. */
  void close(Socket socket) {
    socket.isGone = true;
  }

  /** From now on the client reads too slowly, for a while. */
  void slow(Socket socket, Instant until) {
    socket.slowUntil = until;
  }

  /** The client asks something. */
  void asked(Socket socket, ClientFrame frame) {
    socket.exchanges.add(new History.Asked(world.fibers.instant(), frame));
  }

  /** A frame reaches the client, if it is there. */
  void deliver(Socket socket, ServerFrame frame) {
    if (!socket.isGone) {
      socket.exchanges.add(new History.Got(world.fibers.instant(), frame));
      world.trace.add(socket.id + " gets " + frame);
      socket.receiver.accept(frame);
    }
  }

  List<History.Connection> history() {
    return sockets.values().stream()
        .map(socket -> new History.Connection(socket.id, socket.userId, socket.exchanges))
        .toList();
  }

  /** The endpoint as one process reaches it. */
  Pushes of(Life life) {
    return new Pushes() {
      @Override
      public Push push(ConnectionId connection, Bytes frame) {
        return Endpoint.this.push(life, connection, frame);
      }

      @Override
      public Presence probe(ConnectionId connection) {
        life.step();
        Socket socket = sockets.get(connection);
        if (world.faults.isDown(Faults.Service.ENDPOINT, world.fibers.instant())
            || world.chance.of(world.faults.likelihood(world.faults.push))) {
          return new Unknown("HTTP 500");
        }
        return socket == null || socket.isGone ? new Gone() : new Connected();
      }
    };
  }

  private Pushes.Push push(Life life, ConnectionId connection, Bytes body) {
    Socket socket = sockets.get(connection);
    if (socket != null
        && world.fibers.instant().isAfter(socket.tokenExpiresAt.plus(Life.MAX_SKEW))) {
      world.broken("a POST to " + connection + " begins after its token's expiry");
    }
    life.step();
    ServerFrame frame = parse(body);
    Post post = new Post(world.fibers.origin(), connection, chatOf(frame));
    if (!underWay.add(post)) {
      world.broken("two POSTs in flight from " + life.name() + " to " + connection);
    }
    try {
      life.sleep(world.chance.upTo(LONGEST_POST));
      return answer(life, connection, frame);
    } finally {
      underWay.remove(post);
    }
  }

  private Pushes.Push answer(Life life, ConnectionId connection, ServerFrame frame) {
    Faults faults = world.faults;
    Socket socket = sockets.get(connection);
    if (faults.isDown(Faults.Service.ENDPOINT, world.fibers.instant())) {
      life.sleep(TIME_OUT);
      return new Pushes.Failed("Read timed out");
    }
    if (socket == null || socket.isGone) {
      return new Pushes.Gone();
    }
    if (!faults.isOver() && world.fibers.instant().isBefore(socket.slowUntil)) {
      return new Pushes.Slow("HTTP 429");
    }
    if (world.chance.of(faults.likelihood(faults.push))) {
      switch (world.chance.below(4)) {
        case 0 -> {
          return new Pushes.Slow("HTTP 429");
        }
        case 1 -> {
          return new Pushes.Failed("HTTP 500");
        }
        case 2 -> {
          life.sleep(TIME_OUT);
          return new Pushes.Failed("Read timed out");
        }
        default -> {
          deliver(socket, frame);
          life.step();
          return new Pushes.Failed("Connection reset");
        }
      }
    }
    deliver(socket, frame);
    life.step();
    return new Pushes.Delivered();
  }

  private static ServerFrame parse(Bytes frame) {
    try {
      return ServerFrames.parse(new String(frame.toArray(), StandardCharsets.UTF_8));
    } catch (InvalidJsonException notOurs) {
      throw new IllegalStateException("no frame of the protocol", notOurs);
    }
  }

  private static @Nullable ChatId chatOf(ServerFrame frame) {
    return switch (frame) {
      case ServerFrame.Messages messages -> messages.chatId();
      case ServerFrame.Joined joined -> joined.chatId();
      case ServerFrame.Repaired repaired -> repaired.chatId();
      case ServerFrame.Unsubscribed unsubscribed -> unsubscribed.chatId();
      case ServerFrame.Failed failed -> failed.chatId();
      default -> null;
    };
  }
}
