package dev.confab.fanout;

import dev.confab.events.Bytes;
import dev.confab.events.ConnectionId;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * API Gateway's {@code @connections} in memory: clients that keep what reaches them, and faults.
 * Safe for use by several threads. It finds two POSTs in flight to one connection, which the real
 * one may put in either order.
 */
public final class InMemoryPushes implements Pushes {

  /** What goes wrong with a call. */
  public enum Fault {
    NONE,
    /** 429. */
    SLOW,
    /** 500; the frame does not arrive. */
    ERROR,
    /** The connection to the endpoint breaks after the frame has arrived. */
    RESET,
    /** No answer comes, and no frame arrives. */
    NEVER,
    /** 413. */
    TOO_LARGE,
    /** 400: no connection has such an id. */
    BAD_ID
  }

  /** Asked once a call, on the caller's thread. */
  public interface Faults {
    Fault next(ConnectionId connection);
  }

  private final Map<ConnectionId, List<Bytes>> received = new LinkedHashMap<>();
  private final List<ConnectionId> posts = new ArrayList<>();
  private final List<ConnectionId> probes = new ArrayList<>();
  private final Set<ConnectionId> inFlight = new HashSet<>();
  private final Set<ConnectionId> closed = new HashSet<>();
  private Faults faults = _ -> Fault.NONE;
  private Runnable whileInFlight = () -> {};

  /** Opens a connection. Those never opened are gone. */
  public synchronized void connect(ConnectionId connection) {
    received.put(connection, new ArrayList<>());
  }

  /** Closes a connection for good. */
  public synchronized void disconnect(ConnectionId connection) {
    closed.add(connection);
  }

  /** From now on, calls fail as these say. */
  public synchronized void fail(Faults faults) {
    this.faults = faults;
  }

  /** Runs during each call, without any lock. */
  public synchronized void whileInFlight(Runnable action) {
    whileInFlight = action;
  }

  @Override
  public Push push(ConnectionId connection, Bytes frame) {
    Fault fault = begin(connection, posts);
    try {
      return switch (fault) {
        case NONE -> deliver(connection, frame) ? new Delivered() : new Gone();
        case SLOW -> new Slow("HTTP 429");
        case ERROR -> new Failed("HTTP 500");
        case RESET -> {
          deliver(connection, frame);
          yield new Failed("Connection reset");
        }
        case NEVER -> new Failed("Read timed out");
        case TOO_LARGE -> new TooLarge("HTTP 413");
        case BAD_ID -> new Failed("HTTP 400");
      };
    } finally {
      end(connection);
    }
  }

  @Override
  public Presence probe(ConnectionId connection) {
    Fault fault = begin(connection, probes);
    try {
      return switch (fault) {
        case NONE, TOO_LARGE -> isOpen(connection) ? new Connected() : new Gone();
        case SLOW -> new Unknown("HTTP 429");
        case ERROR -> new Unknown("HTTP 500");
        case RESET -> new Unknown("Connection reset");
        case NEVER -> new Unknown("Read timed out");
        case BAD_ID -> new Refused("HTTP 400");
      };
    } finally {
      end(connection);
    }
  }

  private Fault begin(ConnectionId connection, List<ConnectionId> calls) {
    Faults asked;
    Runnable meanwhile;
    synchronized (this) {
      if (!inFlight.add(connection)) {
        throw new AssertionError("two calls in flight for " + connection);
      }
      calls.add(connection);
      asked = faults;
      meanwhile = whileInFlight;
    }
    meanwhile.run();
    return asked.next(connection);
  }

  private synchronized void end(ConnectionId connection) {
    inFlight.remove(connection);
  }

  private synchronized boolean isOpen(ConnectionId connection) {
    return received.containsKey(connection) && !closed.contains(connection);
  }

  private synchronized boolean deliver(ConnectionId connection, Bytes frame) {
    List<Bytes> frames = received.get(connection);
    return frames != null && !closed.contains(connection) && frames.add(frame);
  }

  /** The frames that reached a client, in order. */
  public List<ServerFrame> received(ConnectionId connection) {
    return frames(connection).stream().map(InMemoryPushes::parse).toList();
  }

  /** The same, byte for byte. */
  public synchronized List<Bytes> frames(ConnectionId connection) {
    return List.copyOf(received.getOrDefault(connection, List.of()));
  }

  static ServerFrame parse(Bytes frame) {
    try {
      return ServerFrames.parse(new String(frame.toArray(), StandardCharsets.UTF_8));
    } catch (InvalidJsonException notOurs) {
      throw new AssertionError("no frame of the protocol", notOurs);
    }
  }

  /** The connections of all pushes, in the order they began. */
  public synchronized List<ConnectionId> posts() {
    return List.copyOf(posts);
  }

  /** The connections of all probes, in the order they began. */
  public synchronized List<ConnectionId> probes() {
    return List.copyOf(probes);
  }
}
