package dev.confab.load.simulation;

import dev.confab.consumer.DeadLetters;
import dev.confab.consumer.Retries;
import dev.confab.consumer.RunPorts;
import dev.confab.consumer.Stage;
import dev.confab.events.Access;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Role;
import dev.confab.events.UserId;
import dev.confab.fanout.FanoutStage;
import dev.confab.fanout.OwnLetters;
import dev.confab.load.check.History;
import dev.confab.metrics.Metrics;
import dev.confab.persist.EventStream;
import dev.confab.persist.PersistStage;
import dev.confab.table.Chats;
import dev.confab.table.Members.Membership;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One run: people talk while things break; then nothing breaks any more, and all comes to rest. */
final class Scenario {
  private static final Duration SETTLE_STEP = Duration.ofSeconds(10);

  /** More than two rounds of the clients' own upkeep, which finds what no frame told them. */
  private static final Duration UPKEEP = Duration.ofMinutes(11);

  private static final int MAX_SETTLE_STEPS = 180;

  /** Within a failover, and well after it. */
  private static final Duration SOON = Duration.ofSeconds(20);

  private static final Duration LATER = Duration.ofSeconds(90);
  private static final Duration LONGEST_OUTAGE = Duration.ofSeconds(90);

  private static final UserId OWNER = new UserId("ana");
  private static final ChatId LOBBY = new ChatId("lobby");
  private static final ChatId DEN = new ChatId("den");
  private static final ChatId HALL = new ChatId("hall");
  private static final List<ChatId> CHATS = List.of(LOBBY, DEN, HALL);
  private static final List<UserId> OTHERS =
      List.of(new UserId("bob"), new UserId("cat"), new UserId("dan"));

  private final World world;
  private final Chance chance;
  private final Application persist;
  private final Application fanout;
  private final Ingest ingest;
  private final Operator operator;
  private final Producer producer;
  private final List<Client> clients = new ArrayList<>();
  private final boolean replaysAtEnd;
  private final boolean replaysAsNew;

  /** Of a chat; by seed so few that some are refused. */
  private final int maxSubscribers;

  private int count;

  Scenario(World world) {
    this.world = world;
    this.chance = world.chance;
    this.ingest = new Ingest(world);
    this.operator = new Operator(world);
    this.producer = new Producer(world, CHATS);
    this.persist = new Application(world, "persist", this::persistWorker);
    this.fanout = new Application(world, "fanout", this::fanoutWorker);
    this.replaysAtEnd = chance.of(0.7);
    this.replaysAsNew = chance.of(0.5);
    this.maxSubscribers = chance.of(0.1) ? chance.between(2, 5) : 5_000;
    world.stream.listen(persist::wake);
    world.stream.listen(fanout::wake);
  }

  // The processes.

  private Life lifeOf(String name) {
    return new Life(name, world, true);
  }

  private void pause(Life life, Duration time) throws InterruptedException {
    if (life.isDead()) {
      throw new InterruptedException();
    }
    life.sleep(time);
    life.step();
  }

  private RunPorts runPorts(Life life, DeadLetters queue) {
    return new RunPorts(
        queue,
        new Retries(Duration.ofMillis(100), Duration.ofSeconds(10), chance.random()),
        time -> pause(life, time),
        life.clock(),
        RunPorts.CHECKPOINT_INTERVAL,
        Metrics.none(),
        life::die);
  }

  private Worker persistWorker(String name) {
    Life life = lifeOf(name);
    EventStream stream =
        event -> {
          life.step();
          if (chance.of(world.faults.likelihood(world.faults.notDone))) {
            throw new EventStream.StreamUnavailableException("throttled", new Exception());
          }
          world.stream.put(event.chatId().value(), Bytes.of(ChatEvents.encode(event)));
          life.step();
        };
    Stage stage =
        world.parts.persist(
            new PersistStage.Ports(
                world
                    .parts
                    .table(Parts.Owner.PERSIST, new RemoteTable(world, life), world)
                    .messages(),
                stream,
                Runnable::run));
    return new Worker(
        world,
        life,
        stage,
        runPorts(life, world.parts.deadLetters(Parts.Owner.PERSIST, world.persistQueue.of(life))));
  }

  private Worker fanoutWorker(String name) {
    Life life = lifeOf(name);
    DeadLetters queue = world.parts.deadLetters(Parts.Owner.FANOUT, world.fanoutQueue.of(life));
    Stage stage =
        world.parts.fanout(
            new FanoutStage.Ports(
                world.parts.table(Parts.Owner.FANOUT, new RemoteTable(world, life), world),
                world.parts.pushes(world.endpoint.of(life), world),
                queue,
                life.clock(),
                time -> pause(life, time),
                chance.random(),
                Runnable::run),
            new FanoutStage.Settings(10_000, maxSubscribers, chance.of(0.2) ? 4 : 100_000));
    return new Worker(world, life, stage, runPorts(life, new OwnLetters(queue)));
  }

  // The run.

  History run() {
    begin();
    Duration length = chance.between(Duration.ofSeconds(30), Duration.ofSeconds(120));
    plan(length);
    world.fibers.run(length);
    if (chance.of(0.05)) {
      standStill();
    }
    calm();
    settle();
    History history = history();
    end();
    return history;
  }

  /** Chats and members, as if made long ago. */
  private void begin() {
    for (ChatId chat : CHATS) {
      Access access = chat.equals(DEN) ? Access.MEMBERS : Access.OPEN;
      world.table.chats().create(new Chats.Chat(chat, null, access, OWNER));
      for (UserId user : OTHERS) {
        if (chance.of(0.6)) {
          world.table.members().add(chat, user, Role.MEMBER);
        }
      }
    }
    startClients(OWNER, 1);
    OTHERS.forEach(user -> startClients(user, chance.between(1, 2)));
    for (int i = chance.between(1, 3); i > 0; i--) {
      world.fibers.after(chance.upTo(Duration.ofSeconds(3)), persist::startWorker);
      world.fibers.after(chance.upTo(Duration.ofSeconds(3)), fanout::startWorker);
    }
    world.fibers.after(chance.upTo(Duration.ofSeconds(4)), persist::begin);
    world.fibers.after(chance.upTo(Duration.ofSeconds(4)), fanout::begin);
  }

  private void startClients(UserId user, int number) {
    for (int i = 0; i < number; i++) {
      Client client = new Client(world, ingest, user, chance.of(0.3));
      clients.add(client);
      for (ChatId chat : CHATS) {
        world.fibers.after(chance.upTo(Duration.ofSeconds(10)), () -> openOrJoin(client, chat));
      }
    }
  }

  private void openOrJoin(Client client, ChatId chat) {
    if (client.hasOpen(chat)) {
      return;
    }
    Membership membership = world.table.members().of(chat, client.me());
    if (membership != null && membership.isActive()) {
      client.open(chat);
    } else if (!chat.equals(DEN)) {
      client.join(chat);
    }
  }

  private void some(Duration length, int most, Runnable action) {
    for (int i = chance.between(0, most); i > 0; i--) {
      world.fibers.after(chance.upTo(length), action);
    }
  }

  private void plan(Duration length) {
    int busy = chance.of(0.1) ? 4 : 1; // chats of more than one page
    some(length, busy * 80, this::say);
    some(length, busy * 20, producer::put);
    some(length, 8, this::changeMembers);
    some(length, 6, this::removeWhileJoining);
    some(length, 6, () -> anyClient().disconnect());
    some(length, 4, () -> openOrJoin(anyClient(), chance.anyOf(CHATS)));
    some(length, 3, this::slowDown);
    for (Application application : List.of(persist, fanout)) {
      some(length, 3, application::killOne);
      some(length, 2, application::freezeOne);
      some(length, 5, application::moveOne);
      some(length, 2, application::restartOne);
    }
    some(length, 2, ingest::killOne);
    some(length, 2, this::split);
    some(length, 1, this::merge);
    for (Faults.Service service : Faults.Service.values()) {
      some(length, 1, () -> takeDown(service, chance.upTo(LONGEST_OUTAGE)));
    }
    some(length, 2, () -> operator.replay(world.persistQueue, replaysAsNew));
    some(length, 2, () -> operator.replay(world.fanoutQueue, false));
  }

  /** So long that what was said before is live no more. */
  private void standStill() {
    Duration time = chance.upTo(Duration.ofMinutes(15));
    takeDown(chance.anyOf(List.of(Faults.Service.values())), time);
    world.fibers.run(time);
  }

  private void takeDown(Faults.Service service, Duration time) {
    world.note(Incident.OUTAGE);
    world.faults.takeDown(service, world.fibers.instant().plus(time));
  }

  private void split() {
    if (world.stream.split(chance.anyOf(world.stream.open()))) {
      world.note(Incident.SPLIT);
    }
  }

  private void merge() {
    if (world.stream.merge()) {
      world.note(Incident.MERGE);
    }
  }

  private Client anyClient() {
    return chance.anyOf(clients);
  }

  private void say() {
    String text = chance.of(0.03) ? World.REFUSED_TEXT + count++ : "text " + count++;
    anyClient().say(chance.anyOf(CHATS), text);
  }

  private void slowDown() {
    Endpoint.Socket socket = anyClient().socket();
    if (socket != null) {
      world.endpoint.slow(socket, world.fibers.instant().plus(chance.upTo(Duration.ofSeconds(30))));
    }
  }

  private void changeMembers() {
    Client owner = clients.getFirst();
    Client other = clients.get(chance.between(1, clients.size() - 1));
    ChatId chat = chance.anyOf(CHATS);
    int change = chance.below(4);
    if (change != 2) {
      world.note(Incident.REMOVAL);
    }
    switch (change) {
      case 0 -> owner.request(id -> new ClientFrame.RemoveMember(id, chat, other.me()));
      case 1 -> other.request(id -> new ClientFrame.Leave(id, chat));
      case 2 -> {
        owner.request(id -> new ClientFrame.AddMember(id, chat, other.me()));
        world.fibers.after(chance.upTo(Duration.ofSeconds(3)), () -> openOrJoin(other, chat));
      }
      default -> {
        openOrJoin(other, chat);
        owner.request(id -> new ClientFrame.RemoveMember(id, chat, other.me()));
      }
    }
  }

  /**
   * A member's client subscribes anew while the member is removed, and its shard's owner may be
   * another before the dust has settled; others go on talking.
   */
  private void removeWhileJoining() {
    Client owner = clients.getFirst();
    Client other = clients.get(chance.between(1, clients.size() - 1));
    ChatId chat = chance.anyOf(CHATS);
    other.disconnect();
    world.note(Incident.REMOVAL);
    Duration removal = chance.upTo(Duration.ofSeconds(3));
    switch (chance.below(3)) {
      case 0 -> world.slowJoins.add(other.me()); // it comes after the removal
      case 1 -> {
        world.ambushes.add(other.me()); // it is written after the next owner has ended it
        removal = chance.between(Duration.ofSeconds(2), Duration.ofSeconds(8));
      }
      default -> {}
    }
    world.fibers.after(
        removal, () -> owner.request(id -> new ClientFrame.RemoveMember(id, chat, other.me())));
    for (int i = chance.between(0, 2); i > 0; i--) {
      world.fibers.after(chance.between(SOON, LATER), () -> fanout.moveShardOf(chat.value()));
    }
    for (int i = chance.between(0, 3); i > 0; i--) {
      world.fibers.after(chance.upTo(SOON), () -> owner.say(chat, "text " + count++));
      world.fibers.after(chance.between(SOON, LATER), () -> owner.say(chat, "text " + count++));
    }
  }

  /** Nothing goes wrong any more. */
  private void calm() {
    world.trace.add("calm");
    world.faults.end();
    persist.thawAll();
    fanout.thawAll();
    if (replaysAtEnd) {
      world.mendPersist();
      persist.restartAll();
    }
    clients.forEach(client -> CHATS.forEach(chat -> openOrJoin(client, chat)));
  }

  private void settle() {
    boolean hasKept = false;
    for (int step = 0; step < MAX_SETTLE_STEPS; step++) {
      world.fibers.run(SETTLE_STEP);
      clients.forEach(Client::goBack);
      boolean isDrained = persist.isDone() && fanout.isDone();
      if (isDrained && replaysAtEnd && replay() > 0) {
        hasKept = false;
        continue;
      }
      if (isDrained && clients.stream().allMatch(Client::isWhole)) {
        if (hasKept) {
          return;
        }
        hasKept = true;
        world.fibers.run(UPKEEP);
      }
    }
  }

  private int replay() {
    return operator.replay(world.persistQueue, replaysAsNew)
        + operator.replay(world.fanoutQueue, false);
  }

  /** What the clients show, then, with nobody asking any more, what became of the rest. */
  private History history() {
    List<History.View> views = views();
    clients.forEach(Client::stop);
    world.fibers.run(SETTLE_STEP);
    Map<ChatId, List<Entry>> table = new LinkedHashMap<>();
    for (ChatId chat : CHATS) {
      table.put(
          chat,
          world
              .parts
              .table(Parts.Owner.INGEST, world.table, world)
              .messages()
              .after(chat, Cursor.start(), Integer.MAX_VALUE));
    }
    List<History.Letter> letters = new ArrayList<>(world.persistQueue.history());
    letters.addAll(world.fanoutQueue.history());
    List<History.Progress> progress = new ArrayList<>(persist.progress());
    progress.addAll(fanout.progress());
    return new History(
        world.sends,
        world.stream.parts(),
        world.stream.ranges(),
        table,
        world.endpoint.history(),
        views,
        letters,
        progress);
  }

  private List<History.View> views() {
    List<History.View> views = new ArrayList<>();
    for (ChatId chat : CHATS) {
      for (Client client : clients) {
        Membership membership = world.table.members().of(chat, client.me());
        History.View view = client.view(chat);
        if (view != null && membership != null && membership.isActive()) {
          views.add(view);
        }
      }
    }
    return views;
  }

  private void end() {
    persist.end();
    fanout.end();
    ingest.end();
    world.fibers.end();
  }
}
