package dev.confab.load.simulation;

import dev.confab.consumer.Checkpoints;
import dev.confab.consumer.DeadLetters;
import dev.confab.consumer.Outcome;
import dev.confab.consumer.ShardRun;
import dev.confab.consumer.ShardStage;
import dev.confab.consumer.ShardStart;
import dev.confab.consumer.Stage;
import dev.confab.consumer.StreamRecord;
import dev.confab.consumer.WholeRecord;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvent.MessageSent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.DeadLetter;
import dev.confab.events.Decoded;
import dev.confab.events.Entry;
import dev.confab.events.InvalidJsonException;
import dev.confab.events.Position;
import dev.confab.events.Role;
import dev.confab.events.ServerFrame;
import dev.confab.events.ServerFrames;
import dev.confab.events.UserId;
import dev.confab.fanout.FanoutStage;
import dev.confab.fanout.Pushes;
import dev.confab.persist.PersistStage;
import dev.confab.table.ChatTable;
import dev.confab.table.Members;
import dev.confab.table.Messages;
import dev.confab.table.Subscriptions;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Bugs of the kind that such systems ship, each a part that is wrapped or replaced. */
final class PlantedBugs {
  private PlantedBugs() {}

  /** A part of persist, of which the messages in the table are wrapped. */
  private abstract static class WrongMessages implements Parts {
    private final Set<Owner> owners;

    WrongMessages(Owner... owners) {
      this.owners = Set.of(owners);
    }

    abstract Messages wrong(Messages messages, Clock clock);

    @Override
    public ChatTable table(Owner owner, ChatTable table, Surroundings surroundings) {
      if (!owners.contains(owner)) {
        return table;
      }
      Messages wrong = wrong(table.messages(), surroundings.clock());
      return new ForwardingTable(table) {
        @Override
        public Messages messages() {
          return wrong;
        }
      };
    }
  }

  /** A stage whose shards' work is wrapped. */
  private record WrongStage(Stage stage, UnaryOperator<ShardStage> wrap) implements Stage {
    @Override
    public ShardStage open(ShardStart start) {
      return wrap.apply(stage.open(start));
    }
  }

  private static class ForwardingShard implements ShardStage {
    private final ShardStage to;

    ForwardingShard(ShardStage to) {
      this.to = to;
    }

    @Override
    public List<Outcome> process(List<StreamRecord> records) throws InterruptedException {
      return to.process(records);
    }

    @Override
    public void parked(StreamRecord record) throws InterruptedException {
      to.parked(record);
    }

    @Override
    public void close() {
      to.close();
    }
  }

  static Parts checkpointBeforeTheWrite() {
    return new Parts() {
      @Override
      public void process(ShardRun run, List<WholeRecord> batch, Checkpoints checkpoints) {
        if (!batch.isEmpty()) {
          var _ = checkpoints.upTo(batch.getLast().sequenceNumber());
        }
        run.process(batch, checkpoints);
      }
    };
  }

  static Parts unprocessedItemsIgnored() {
    return new WrongMessages(Parts.Owner.PERSIST) {
      @Override
      Messages wrong(Messages messages, Clock clock) {
        return new ForwardingMessages(messages) {
          @Override
          public BatchOutcome writeBatch(List<Stored> items) {
            BatchOutcome outcome = super.writeBatch(items);
            return outcome instanceof BatchOutcome.Written
                ? new BatchOutcome.Written(List.of())
                : outcome;
          }
        };
      }
    };
  }

  /** "Log it and go on." */
  static Parts exceptionSwallowed() {
    return new Parts() {
      @Override
      public Stage persist(PersistStage.Ports ports) {
        return new WrongStage(
            new PersistStage(ports),
            shard ->
                new ForwardingShard(shard) {
                  @Override
                  public List<Outcome> process(List<StreamRecord> records)
                      throws InterruptedException {
                    return super.process(records).stream()
                        .map(one -> one instanceof Outcome.Retry ? Outcome.done() : one)
                        .toList();
                  }
                });
      }
    };
  }

  /** Orders as the sequence number reads as text, which a digit more turns round. */
  static Parts unpaddedSortKey() {
    return new WrongMessages(Parts.Owner.PERSIST, Parts.Owner.FANOUT, Parts.Owner.INGEST) {
      @Override
      Messages wrong(Messages messages, Clock clock) {
        return new UnpaddedMessages(messages);
      }
    };
  }

  private static final class UnpaddedMessages extends ForwardingMessages {
    private static final Comparator<Entry> ORDER =
        Comparator.comparing(entry -> keyOf(entry.position()));

    UnpaddedMessages(Messages messages) {
      super(messages);
    }

    private static String keyOf(Position position) {
      return position.sequenceNumber() + "-" + position.subSequenceNumber();
    }

    private List<Entry> sorted(ChatId chatId) {
      List<Entry> all = new ArrayList<>(super.after(chatId, Cursor.start(), 1_000_000));
      all.sort(ORDER);
      return all;
    }

    @Override
    public List<Entry> after(ChatId chatId, Cursor after, int limit) {
      String low = after instanceof Position position ? keyOf(position) : "";
      return sorted(chatId).stream()
          .filter(entry -> keyOf(entry.position()).compareTo(low) > 0)
          .limit(limit)
          .toList();
    }

    @Override
    public List<Entry> before(ChatId chatId, @Nullable Position before, int limit) {
      return sorted(chatId).reversed().stream()
          .filter(entry -> before == null || keyOf(entry.position()).compareTo(keyOf(before)) < 0)
          .limit(limit)
          .toList();
    }

    @Override
    public List<Entry> upTo(ChatId chatId, Position upTo, int limit) {
      return sorted(chatId).reversed().stream()
          .filter(entry -> keyOf(entry.position()).compareTo(keyOf(upTo)) <= 0)
          .limit(limit)
          .toList();
    }

    @Override
    public Cursor newest(ChatId chatId) {
      List<Entry> newest = before(chatId, null, 1);
      return newest.isEmpty() ? Cursor.start() : newest.getFirst().position();
    }

    @Override
    public Cursor newestBefore(ChatId chatId, Position exclusive) {
      List<Entry> newest = before(chatId, exclusive, 1);
      return newest.isEmpty() ? Cursor.start() : newest.getFirst().position();
    }
  }

  /** All records of an aggregate get the position of the first. */
  static Parts noSubSequence() {
    return new Parts() {
      @Override
      public Stage persist(PersistStage.Ports ports) {
        return new WrongStage(
            new PersistStage(ports),
            shard ->
                new ForwardingShard(shard) {
                  @Override
                  public List<Outcome> process(List<StreamRecord> records)
                      throws InterruptedException {
                    return super.process(
                        records.stream().map(PlantedBugs::withoutSubSequence).toList());
                  }

                  @Override
                  public void parked(StreamRecord record) throws InterruptedException {
                    super.parked(withoutSubSequence(record));
                  }
                });
      }
    };
  }

  private static StreamRecord withoutSubSequence(StreamRecord record) {
    return new StreamRecord(
        record.shardId(),
        Position.of(record.position().sequenceNumber(), 0),
        record.partitionKey(),
        record.data(),
        record.arrivedAt());
  }

  static Parts goesOnWhenTheDlqIsDown() {
    return new Parts() {
      @Override
      public DeadLetters deadLetters(Owner owner, DeadLetters queue) {
        return letters -> {
          var _ = queue.send(letters);
          return new DeadLetters.Taken();
        };
      }
    };
  }

  /** Doesn't wait for the answer. */
  static Parts twoPostsInFlight() {
    return new Parts() {
      @Override
      public Pushes pushes(Pushes pushes, Surroundings surroundings) {
        return new Pushes() {
          @Override
          public Push push(ConnectionId connection, Bytes frame) {
            surroundings.beside(() -> pushes.push(connection, frame));
            return new Delivered();
          }

          @Override
          public Presence probe(ConnectionId connection) {
            return pushes.probe(connection);
          }
        };
      }
    };
  }

  /** Believes what ingest saw when it put the event. */
  static Parts noMemberCheckOnSubscribe() {
    return noMemberCheck(Parts.Owner.FANOUT);
  }

  static Parts noMemberCheckOnHistory() {
    return noMemberCheck(Parts.Owner.INGEST);
  }

  private static Parts noMemberCheck(Parts.Owner by) {
    return new Parts() {
      @Override
      public ChatTable table(Owner owner, ChatTable table, Surroundings surroundings) {
        if (owner != by) {
          return table;
        }
        return new ForwardingTable(table) {
          @Override
          public Members members() {
            Members members = super.members();
            return new Members() {
              @Override
              public @Nullable Membership of(ChatId chatId, UserId userId) {
                Membership there = members.of(chatId, userId);
                return there == null
                    ? null
                    : new Membership(chatId, userId, Role.MEMBER, there.generation());
              }

              @Override
              public List<Membership> in(ChatId chatId, @Nullable UserId after, int limit) {
                return members.in(chatId, after, limit);
              }

              @Override
              public List<Membership> of(UserId userId, @Nullable ChatId after, int limit) {
                return members.of(userId, after, limit);
              }

              @Override
              public Membership add(ChatId chatId, UserId userId, Role role) {
                return members.add(chatId, userId, role);
              }

              @Override
              public Join join(ChatId chatId, UserId userId) {
                return members.join(chatId, userId);
              }

              @Override
              public Removal remove(ChatId chatId, UserId userId, UserId owner) {
                return members.remove(chatId, userId, owner);
              }

              @Override
              public Leave leave(ChatId chatId, UserId userId) {
                return members.leave(chatId, userId);
              }
            };
          }
        };
      }
    };
  }

  /** Live frames say that nothing lies before them. */
  static Parts noChain() {
    return new Parts() {
      @Override
      public Pushes pushes(Pushes pushes, Surroundings surroundings) {
        return new Pushes() {
          @Override
          public Push push(ConnectionId connection, Bytes frame) {
            return pushes.push(connection, withoutPrev(frame));
          }

          @Override
          public Presence probe(ConnectionId connection) {
            return pushes.probe(connection);
          }
        };
      }
    };
  }

  private static Bytes withoutPrev(Bytes bytes) {
    try {
      ServerFrame frame = ServerFrames.parse(new String(bytes.toArray(), StandardCharsets.UTF_8));
      if (!(frame instanceof ServerFrame.Messages messages)) {
        return bytes;
      }
      List<Entry.Posted> posted =
          messages.messages().stream().map(one -> withPrev(one, Cursor.start())).toList();
      ServerFrame wrong = new ServerFrame.Messages(messages.chatId(), posted, messages.replayed());
      return Bytes.of(ServerFrames.encode(wrong).getBytes(StandardCharsets.UTF_8));
    } catch (InvalidJsonException notOurs) {
      throw new AssertionError(notOurs);
    }
  }

  private static Entry.Posted withPrev(Entry.Posted posted, Cursor prev) {
    return new Entry.Posted(
        posted.position(),
        prev,
        posted.senderId(),
        posted.clientMessageId(),
        posted.text(),
        posted.sentAt(),
        posted.resend());
  }

  /** Not the newest below what comes first, but of all. */
  static Parts prevFromTheNewestItem() {
    return new WrongMessages(Parts.Owner.PERSIST) {
      @Override
      Messages wrong(Messages messages, Clock clock) {
        return new ForwardingMessages(messages) {
          @Override
          public Cursor newestBefore(ChatId chatId, Position exclusive) {
            return newest(chatId);
          }
        };
      }
    };
  }

  static Parts noPlaceholder() {
    return new WrongMessages(Parts.Owner.PERSIST) {
      @Override
      Messages wrong(Messages messages, Clock clock) {
        return new ForwardingMessages(messages) {
          @Override
          public boolean placeholder(ChatId chatId, Entry.Parked parked) {
            return true;
          }
        };
      }
    };
  }

  /** Stores when it wrote, not what the record says. */
  static Parts wallClockInAnItem() {
    return new WrongMessages(Parts.Owner.PERSIST) {
      @Override
      Messages wrong(Messages messages, Clock clock) {
        return new ForwardingMessages(messages) {
          @Override
          public BatchOutcome writeBatch(List<Stored> items) {
            return super.writeBatch(
                        items.stream().map(item -> stamped(item, clock.instant())).toList())
                    instanceof BatchOutcome.Written(List<Stored> left)
                ? new BatchOutcome.Written(unstamped(items, left))
                : new BatchOutcome.Unavailable("not now");
          }
        };
      }
    };
  }

  private static Messages.Stored stamped(Messages.Stored item, Instant now) {
    return item.entry() instanceof Entry.Posted posted
        ? new Messages.Stored(
            item.chatId(),
            new Entry.Posted(
                posted.position(),
                posted.prev(),
                posted.senderId(),
                posted.clientMessageId(),
                posted.text(),
                now,
                posted.resend()))
        : item;
  }

  private static List<Messages.Stored> unstamped(
      List<Messages.Stored> items, List<Messages.Stored> left) {
    Set<Position> positions = new HashSet<>();
    left.forEach(item -> positions.add(item.entry().position()));
    return items.stream().filter(item -> positions.contains(item.entry().position())).toList();
  }

  /** A subscription that ended is no item any more: nothing refuses an older change. */
  static Parts subscriptionDeletedInsteadOfEnded() {
    Map<ChatId, Map<ConnectionId, Subscriptions.Subscription>> chats = new HashMap<>();
    return new Parts() {
      @Override
      public ChatTable table(Owner owner, ChatTable table, Surroundings surroundings) {
        return new ForwardingTable(table) {
          @Override
          public Subscriptions subscriptions() {
            return new DeletingSubscriptions(super.subscriptions(), chats);
          }
        };
      }
    };
  }

  /**
   * @param real takes its time, fails and dies as it does
   */
  private record DeletingSubscriptions(
      Subscriptions real, Map<ChatId, Map<ConnectionId, Subscriptions.Subscription>> chats)
      implements Subscriptions {
    private Map<ConnectionId, Subscription> chat(ChatId chatId) {
      return chats.computeIfAbsent(chatId, _ -> new LinkedHashMap<>());
    }

    @Override
    public List<Subscription> of(ChatId chatId, Instant now) {
      var _ = real.of(chatId, now);
      return chat(chatId).values().stream().filter(one -> !one.isExpired(now)).toList();
    }

    @Override
    public Change put(ChatId chatId, Subscription changed) {
      var _ = real.put(chatId, changed);
      Subscription held = chat(chatId).get(changed.connectionId());
      if (held != null && !changed.lastChange().isAfter(held.lastChange())) {
        return new Change.AlreadyApplied(held);
      }
      if (changed.until() == null) {
        chat(chatId).put(changed.connectionId(), changed);
      } else {
        chat(chatId).remove(changed.connectionId());
      }
      return new Change.Applied();
    }
  }

  static Parts replayAsANewMessage() {
    return new Parts() {
      @Override
      public @Nullable ChatEvent replay(DeadLetter letter, @Nullable ChatEvent decided) {
        return decided instanceof ChatEvent.Replay replay
                && ChatEvents.decode(replay.chatId().value(), replay.data().toArray())
                    instanceof Decoded.Event(MessageSent sent)
            ? sent
            : decided;
      }
    };
  }

  /** Looks all resends of a batch up before it writes any of it. */
  static Parts resendLookedUpTooEarly() {
    return new Parts() {
      @Override
      public Stage persist(PersistStage.Ports ports) {
        Set<Position> unmarked = new HashSet<>();
        PersistStage.Ports marking =
            new PersistStage.Ports(
                new MarkingMessages(ports.messages(), unmarked), ports.stream(), ports.executor());
        return new WrongStage(
            new PersistStage(marking),
            shard ->
                new ForwardingShard(shard) {
                  @Override
                  public List<Outcome> process(List<StreamRecord> records)
                      throws InterruptedException {
                    List<StreamRecord> looked = new ArrayList<>();
                    for (StreamRecord record : records) {
                      looked.add(unmark(record, ports.messages(), unmarked));
                    }
                    return super.process(looked);
                  }
                });
      }
    };
  }

  private static StreamRecord unmark(
      StreamRecord record, Messages messages, Set<Position> unmarked) {
    if (!(ChatEvents.decode(record.partitionKey(), record.data().toArray())
            instanceof Decoded.Event(MessageSent sent))
        || !sent.resend()) {
      return record;
    }
    boolean hasOriginal =
        messages.before(sent.chatId(), record.position(), 1_000).stream()
            .anyMatch(
                entry ->
                    entry instanceof Entry.Posted posted
                        && posted.senderId().equals(sent.senderId())
                        && posted.clientMessageId().equals(sent.clientMessageId()));
    if (hasOriginal) {
      return record;
    }
    unmarked.add(record.position());
    MessageSent asNew =
        new MessageSent(
            sent.chatId(),
            sent.senderId(),
            sent.clientMessageId(),
            sent.text(),
            false,
            sent.sentAt(),
            sent.traceId());
    return new StreamRecord(
        record.shardId(),
        record.position(),
        record.partitionKey(),
        Bytes.of(ChatEvents.encode(asNew)),
        record.arrivedAt());
  }

  /** Stores as resends those of which the stage was told that they are none. */
  private static final class MarkingMessages extends ForwardingMessages {
    private final Set<Position> unmarked;

    MarkingMessages(Messages messages, Set<Position> unmarked) {
      super(messages);
      this.unmarked = unmarked;
    }

    @Override
    public BatchOutcome writeBatch(List<Stored> items) {
      Map<Stored, Stored> originals = new LinkedHashMap<>();
      items.forEach(item -> originals.put(marked(item), item));
      return super.writeBatch(List.copyOf(originals.keySet()))
              instanceof BatchOutcome.Written(List<Stored> left)
          ? new BatchOutcome.Written(left.stream().map(originals::get).toList())
          : new BatchOutcome.Unavailable("not now");
    }

    private Stored marked(Stored item) {
      return item.entry() instanceof Entry.Posted posted && unmarked.contains(posted.position())
          ? new Stored(
              item.chatId(),
              new Entry.Posted(
                  posted.position(),
                  posted.prev(),
                  posted.senderId(),
                  posted.clientMessageId(),
                  posted.text(),
                  posted.sentAt(),
                  true))
          : item;
    }
  }

  static Parts latestAtFirstStart() {
    return new Parts() {
      @Override
      public boolean startsAtLatest() {
        return true;
      }
    };
  }

  /** A process that gets a shard again goes on with what it remembers of it. */
  static Parts staleSubscriptionsAfterTakeover() {
    return new Parts() {
      @Override
      public ChatTable table(Owner owner, ChatTable table, Surroundings surroundings) {
        Map<ChatId, List<Subscriptions.Subscription>> remembered = new HashMap<>();
        return new ForwardingTable(table) {
          @Override
          public Subscriptions subscriptions() {
            Subscriptions real = super.subscriptions();
            return new Subscriptions() {
              @Override
              public List<Subscription> of(ChatId chatId, Instant now) {
                List<Subscription> known = remembered.get(chatId);
                if (known == null) {
                  known = real.of(chatId, now);
                  remembered.put(chatId, known);
                }
                return known;
              }

              @Override
              public Change put(ChatId chatId, Subscription changed) {
                return real.put(chatId, changed);
              }
            };
          }
        };
      }
    };
  }

  /** A subscription ends by the clock, and the fan-out's is a minute slow. */
  static Parts expiryByASlowClock() {
    return new Parts() {
      @Override
      public Stage fanout(FanoutStage.Ports ports, FanoutStage.Settings settings) {
        return new FanoutStage(
            new FanoutStage.Ports(
                ports.table(),
                ports.pushes(),
                ports.deadLetters(),
                Clock.offset(ports.clock(), Duration.ofMinutes(-1)),
                ports.pause(),
                ports.random(),
                ports.executor()),
            settings);
      }
    };
  }

  /** Returns what is there, and believes that to be all. */
  static Parts historyPastAHole() {
    return new WrongMessages(Parts.Owner.INGEST) {
      @Override
      Messages wrong(Messages messages, Clock clock) {
        return new ForwardingMessages(messages) {
          @Override
          public List<Entry> after(ChatId chatId, Cursor after, int limit) {
            List<Entry> joined = new ArrayList<>();
            Cursor prev = after;
            for (Entry entry : super.after(chatId, after, limit)) {
              joined.add(withPrevOf(entry, prev));
              prev = entry.position();
            }
            return joined;
          }
        };
      }
    };
  }

  private static Entry withPrevOf(Entry entry, Cursor prev) {
    return switch (entry) {
      case Entry.Posted posted -> withPrev(posted, prev);
      case Entry.Parked parked ->
          new Entry.Parked(parked.position(), prev, parked.senderId(), parked.clientMessageId());
      case Entry.Duplicate marker ->
          new Entry.Duplicate(marker.position(), prev, marker.duplicateOf());
    };
  }
}
