package dev.confab.load.simulation;

import dev.confab.events.ChatId;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.UserId;
import dev.confab.load.check.History;
import dev.confab.table.InMemoryTable;
import dev.confab.table.Messages.Stored;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** All that processes share, and what they must never do to it. */
final class World implements Parts.Surroundings {
  /** The table refuses every message whose text begins so, until persist is mended. */
  static final String REFUSED_TEXT = "refuse ";

  final Parts parts;
  final Fibers fibers = new Fibers();
  final Chance chance;
  final Trace trace;
  final Faults faults;
  final SimulatedStream stream;
  final InMemoryTable table = new InMemoryTable();
  final Queue persistQueue = new Queue(History.Letter.PERSIST, this);
  final Queue fanoutQueue = new Queue("fanout", this);
  final Endpoint endpoint = new Endpoint(this);

  /** Users: who next writes a subscription of one of them stands still before it. */
  final Set<UserId> ambushes = new HashSet<>();

  /** Users: the next {@code subscribed} event of one of them is long on its way to the stream. */
  final Set<UserId> slowJoins = new HashSet<>();

  final List<History.Send> sends = new ArrayList<>();
  private final Map<ChatId, Map<Position, Entry>> written = new LinkedHashMap<>();
  private final List<String> broken = new ArrayList<>();
  private final Map<Incident, Long> incidents = new EnumMap<>(Incident.class);
  private boolean isPersistMended;

  World(long seed, Parts parts, Consumer<String> lines) {
    this.parts = parts;
    this.chance = new Chance(seed);
    this.trace = new Trace(fibers, lines);
    this.faults = new Faults(chance);
    this.stream = new SimulatedStream(fibers, chance, trace);
  }

  @Override
  public Clock clock() {
    return fibers;
  }

  @Override
  public void beside(Runnable action) {
    fibers.spawn(action);
  }

  /** Something happened that never may, whatever came of it. */
  void broken(String invariant) {
    trace.add("BROKEN " + invariant);
    broken.add(invariant);
  }

  List<String> broken() {
    return List.copyOf(broken);
  }

  void note(Incident incident) {
    incidents.merge(incident, 1L, Long::sum);
  }

  Map<Incident, Long> incidents() {
    return incidents;
  }

  /** Processes that start from now on can store what the table refuses of those before. */
  void mendPersist() {
    isPersistMended = true;
  }

  boolean isPersistMended() {
    return isPersistMended;
  }

  /** Puts one entry. An entry that is no placeholder must be the same whoever writes it again. */
  void write(Life life, Stored item) {
    Entry entry = item.entry();
    Entry before =
        written
            .computeIfAbsent(item.chatId(), _ -> new LinkedHashMap<>())
            .put(entry.position(), entry);
    if (before != null && !before.equals(entry)) {
      broken("%s wrote %s over %s".formatted(life.name(), entry, before));
    }
    var _ = table.messages().writeBatch(List.of(item));
    trace.add("%s writes %s %s".formatted(life.name(), item.chatId(), entry));
  }

  void run(Duration time) {
    fibers.run(time);
  }
}
