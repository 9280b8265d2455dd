package dev.confab.load.verify;

import dev.confab.consumer.StreamRecord;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ConnectionId;
import dev.confab.events.UserId;
import dev.confab.kinesis.Fault;
import dev.confab.kinesis.Operation;
import dev.confab.load.check.Checker;
import dev.confab.load.check.History;
import dev.confab.load.check.Report;
import dev.confab.load.client.ChatState;
import dev.confab.local.LocalOptions;
import dev.confab.local.LocalStack;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;

/**
 * One run of the whole system, consumers in processes of their own, while a plan's deeds befall it.
 * When nothing is under way any more, the checker compares what everybody saw.
 */
final class RealRun implements AutoCloseable {
  private static final Duration FAILOVER = Duration.ofSeconds(3);
  private static final Duration ZOMBIE = Duration.ofSeconds(12);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int WORKERS_OF_A_STAGE = 2;
  private static final int SHARDS = 3;
  private static final int PEOPLE = 36;
  private static final int CHATS = 24;
  private static final int CHATS_OF_ONE = 4;

  private final Plan plan;
  private final Consumer<String> progress;
  private final Random random;
  private final Clock clock = Clock.systemUTC();
  private final LocalStack stack;
  private final Evidence evidence;
  private final Foreign foreign;
  private final Worker.Faults faults;
  private final EventLoopGroup loops = new NioEventLoopGroup(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Worker> workers = new ArrayList<>();
  private final List<Chatter> people = new ArrayList<>();
  private final List<ChatId> chats = new ArrayList<>();
  private final List<Future<?>> underWay = new ArrayList<>();

  /** Who is in a chat, its owner first. */
  private final List<List<Chatter>> members = new ArrayList<>();

  private int reshards;

  private RealRun(Plan plan, Path template, Path logs, Consumer<String> progress)
      throws IOException {
    this.plan = plan;
    this.progress = progress;
    this.random = new Random(plan.seed());
    this.faults = new Worker.Faults(plan.seed());
    LocalOptions options =
        LocalOptions.anyPorts(
            template,
            SHARDS,
            plan.seed() % 2 == 0 ? LocalOptions.Retrieval.FANOUT : LocalOptions.Retrieval.POLLING,
            FAILOVER,
            null);
    stack = LocalStack.startWithoutConsumers(options, _ -> {});
    evidence = new Evidence(stack.environment());
    foreign = new Foreign(evidence, plan.seed(), clock);
    Files.createDirectories(logs);
    for (int i = 0; i < WORKERS_OF_A_STAGE; i++) {
      workers.add(worker("dev.confab.persist.PersistConsumer", "PersistTask", logs, i));
      workers.add(worker("dev.confab.fanout.FanoutConsumer", "FanoutTask", logs, i));
    }
  }

  private Worker worker(String main, String task, Path logs, int number) throws IOException {
    Path log = logs.resolve("%s-%d-%d.log".formatted(task, plan.seed(), number));
    return new Worker(main, stack.taskEnvironment(task), log, faults);
  }

  /**
   * Runs a plan.
   *
   * @param template {@code template.yaml}
   * @param logs the folder for what the workers say
   * @param progress told how it goes, a line each
   */
  static Figures run(Plan plan, Path template, Path logs, Consumer<String> progress)
      throws IOException, InterruptedException {
    try (RealRun run = new RealRun(plan, template, logs, progress)) {
      run.gather();
      run.talk();
      run.settle();
      return run.check();
    }
  }

  private void gather() throws InterruptedException {
    for (int i = 0; i < PEOPLE; i++) {
      UserId me = new UserId("user-" + i);
      people.add(
          new Chatter(
              me,
              plan.seed() * PEOPLE + i,
              stack.webSocketUri(),
              () -> stack.tokenFor(me.value()),
              loops.next(),
              threads,
              clock));
    }
    for (int i = 0; i < CHATS; i++) {
      chats.add(new ChatId("chat-" + i));
      members.add(new ArrayList<>());
      Chatter owner = people.get(i);
      awaitThat(owner::isUp, owner.me() + " is connected");
      owner.create(chats.get(i));
      members.get(i).add(owner);
    }
    for (int i = 0; i < PEOPLE * CHATS_OF_ONE; i++) {
      Chatter person = people.get(i % PEOPLE);
      int chat = random.nextInt(CHATS);
      if (!members.get(chat).contains(person)) {
        members.get(chat).add(person);
      }
    }
    for (int i = 0; i < CHATS; i++) {
      int chat = i;
      members.get(chat).forEach(member -> member.join(chats.get(chat)));
      awaitThat(() -> isCurrent(chat), "all are in " + chats.get(chat));
    }
  }

  private boolean isCurrent(int chat) {
    return members.get(chat).stream()
        .allMatch(member -> member.state(chats.get(chat)) == ChatState.CURRENT);
  }

  /** Sends at the plan's rate, whatever becomes of it, and does the deeds as they come due. */
  private void talk() {
    List<Plan.Due> deeds = plan.deeds(workers.size());
    int next = 0;
    long start = System.nanoTime();
    for (int i = 0; i < plan.messages(); i++) {
      for (; next < deeds.size() && deeds.get(next).after() <= i; next++) {
        begin(deeds.get(next).deed());
      }
      LockSupport.parkNanos(start + i * 1_000_000_000L / plan.perSecond() - System.nanoTime());
      sayOne(i);
      if (i % 2_000 == 1_999) {
        progress.accept("%,d of %,d messages".formatted(i + 1, plan.messages()));
      }
    }
  }

  private void sayOne(int number) {
    while (true) { // a view may be closed for its user was removed
      int chat = random.nextInt(CHATS);
      List<Chatter> those = members.get(chat);
      if (those.get(random.nextInt(those.size())).send(chats.get(chat), "message " + number)) {
        return;
      }
    }
  }

  private void begin(Plan.Deed deed) {
    if (deed instanceof Plan.Put(Plan.Foreign what)) {
      foreign.put(what, chats);
      return;
    }
    Random own = new Random(random.nextLong());
    underWay.add(threads.submit(() -> act(deed, own)));
  }

  private @Nullable Void act(Plan.Deed deed, Random own) throws InterruptedException {
    switch (deed) {
      case Plan.Kill(int worker, Plan.KillPoint at) -> workers.get(worker).kill(at);
      case Plan.Zombie(int worker) -> {
        Worker zombie = workers.get(worker);
        zombie.pause(true);
        Thread.sleep(ZOMBIE);
        zombie.pause(false);
      }
      case Plan.Reshard(boolean splits) -> reshard(splits);
      case Plan.Throttle(Duration time) -> {
        faults.isTableThrottled = true;
        Thread.sleep(time);
        faults.isTableThrottled = false;
      }
      case Plan.NoQueues(Duration time) -> {
        faults.areQueuesDown = true;
        Thread.sleep(time);
        faults.areQueuesDown = false;
      }
      case Plan.BadConnections(Duration time) -> {
        faults.areConnectionsBad = true;
        Thread.sleep(time);
        faults.areConnectionsBad = false;
      }
      case Plan.Cut() -> people.get(own.nextInt(PEOPLE)).cut();
      case Plan.LoseAcks(int count) ->
          stack.kinesis().faults().next(Operation.PUT_RECORD, count, new Fault.ResetAfter());
      case Plan.ThrottleStream(int count) -> {
        Fault slowDown =
            new Fault.ErrorAnswer("ProvisionedThroughputExceededException", 400, "slow down");
        stack.kinesis().faults().next(Operation.PUT_RECORD, count, slowDown);
        stack.kinesis().faults().next(Operation.GET_RECORDS, count, slowDown);
      }
      case Plan.Remove() -> remove(own);
      case Plan.Put _ -> throw new IllegalStateException("done by the caller");
    }
    return null;
  }

  /** The user's network fails at the same time: coming back and being removed race each other. */
  private void remove(Random own) throws InterruptedException {
    int chat = own.nextInt(CHATS);
    List<Chatter> those = members.get(chat);
    if (those.size() < 2) {
      return;
    }
    Chatter owner = those.getFirst();
    Chatter removed = those.get(1 + own.nextInt(those.size() - 1));
    ChatId chatId = chats.get(chat);
    removed.cut();
    owner.ask(id -> new ClientFrame.RemoveMember(id, chatId, removed.me()));
    Thread.sleep(own.nextInt(3_000));
    owner.ask(id -> new ClientFrame.AddMember(id, chatId, removed.me()));
    removed.join(chatId);
  }

  private synchronized void reshard(boolean splits) throws InterruptedException {
    List<Shard> open =
        evidence.shards().stream()
            .filter(shard -> shard.sequenceNumberRange().endingSequenceNumber() == null)
            .sorted(Comparator.comparing(shard -> first(shard)))
            .toList();
    try {
      if (splits || open.size() < 2) {
        Shard shard = open.getFirst();
        BigInteger last = new BigInteger(shard.hashKeyRange().endingHashKey());
        String middle = first(shard).add(last).shiftRight(1).toString();
        evidence
            .kinesis()
            .splitShard(
                split ->
                    split
                        .streamName(Evidence.NAME)
                        .shardToSplit(shard.shardId())
                        .newStartingHashKey(middle));
      } else {
        evidence
            .kinesis()
            .mergeShards(
                merge ->
                    merge
                        .streamName(Evidence.NAME)
                        .shardToMerge(open.get(0).shardId())
                        .adjacentShardToMerge(open.get(1).shardId()));
      }
      reshards++;
    } catch (KinesisException refused) {
      progress.accept("not resharded: " + refused.getMessage());
    }
  }

  private static BigInteger first(Shard shard) {
    return new BigInteger(shard.hashKeyRange().startingHashKey());
  }

  /** Ends all that goes wrong, and waits until nothing is under way. */
  private void settle() throws InterruptedException {
    for (Future<?> deed : underWay) {
      try {
        deed.get(10, TimeUnit.MINUTES);
      } catch (ExecutionException | TimeoutException failed) {
        throw new IllegalStateException("a deed of the plan failed", failed);
      }
    }
    workers.forEach(Worker::killIfDoomed);
    stack.kinesis().faults().clear();
    progress.accept("all sent; waiting until nothing is under way");
    reopen();
    awaitThat(() -> people.stream().allMatch(Chatter::isQuiet), "every message is placed");
    awaitThat(this::isEverythingPassed, "every record is passed by a checkpoint");
    awaitThat(this::isEverythingComplete, "every view is complete");
  }

  private void reopen() {
    for (int i = 0; i < CHATS; i++) {
      ChatId chat = chats.get(i);
      Chatter owner = members.get(i).getFirst();
      for (Chatter member : members.get(i)) {
        if (member.state(chat) == ChatState.CLOSED) {
          owner.ask(id -> new ClientFrame.AddMember(id, chat, member.me()));
          member.join(chat);
        }
      }
    }
  }

  private boolean isEverythingPassed() {
    return evidence.progress(evidence.records()).stream().allMatch(one -> one.lag() == 0);
  }

  private boolean isEverythingComplete() {
    boolean isComplete = true;
    for (int i = 0; i < CHATS; i++) {
      for (Chatter member : members.get(i)) {
        if (member.state(chats.get(i)) == ChatState.CLOSED) {
          reopen();
        }
        isComplete &= member.isComplete(chats.get(i));
      }
    }
    return isComplete;
  }

  /** What does not come is left to the checker to find. */
  private void awaitThat(BooleanSupplier condition, String what) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        progress.accept("not within %d s: %s".formatted(PATIENCE.toSeconds(), what));
        return;
      }
      Thread.sleep(POLL);
    }
  }

  private Figures check() {
    Map<String, List<Record>> records = evidence.records();
    List<StreamRecord> stream = Evidence.unpacked(records, foreign.aggregates());
    Map<String, ConnectionId> named = Evidence.connections(stream);
    List<History.Connection> connections = new ArrayList<>();
    List<History.View> views = new ArrayList<>();
    List<History.Send> sends = new ArrayList<>(foreign.sends());
    for (Chatter person : people) {
      ConnectionId last = new ConnectionId("unknown");
      for (List<History.Exchange> exchanges : person.connections()) {
        History.Connection connection =
            Evidence.connection(person.me(), connections.size(), List.copyOf(exchanges), named);
        connections.add(connection);
        sends.addAll(Evidence.sends(connection));
        last = connection.connectionId();
      }
      for (int i = 0; i < CHATS; i++) {
        if (members.get(i).contains(person)) {
          views.add(person.view(chats.get(i), last));
        }
      }
    }
    Report report =
        Checker.check(
            new History(
                sends,
                stream,
                evidence.ranges(),
                evidence.table(Evidence.chats(stream)),
                connections,
                views,
                evidence.letters(),
                evidence.progress(records)));
    return new Figures(
        plan.messages(),
        workers.stream().mapToInt(Worker::kills).sum(),
        plan.zombies(),
        reshards,
        plan.throttled().toSeconds(),
        plan.withoutQueues().toSeconds(),
        stream.stream().filter(Evidence::isResend).count(),
        report);
  }

  @Override
  public void close() {
    people.forEach(Chatter::close);
    workers.parallelStream().forEach(Worker::close);
    threads.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    evidence.close();
    stack.close();
  }
}
