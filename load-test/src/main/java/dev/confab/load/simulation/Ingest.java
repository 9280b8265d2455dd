package dev.confab.load.simulation;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ClientFrame;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.ingest.PlainRoutes;
import dev.confab.ingest.Stream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The route Lambdas: real routes in several environments, each with a memory of its own. Frames
 * overtake each other on their way there, and answers on their way back, or get lost.
 */
final class Ingest {
  private static final int ENVIRONMENTS = 2;
  private static final Duration LONGEST_WAY = Duration.ofMillis(150);
  private static final Duration SLOW = Duration.ofSeconds(4);
  private static final Duration TIME = Duration.ofSeconds(10);

  /** Clients here reconnect more often than a person's, and ask for history each time. */
  private static final PlainRoutes.Rate RATE = new PlainRoutes.Rate(50, 200);

  private record Environment(Life life, PlainRoutes routes) {}

  private final World world;
  private final List<Environment> environments = new ArrayList<>();
  private int started;

  Ingest(World world) {
    this.world = world;
    for (int i = 0; i < ENVIRONMENTS; i++) {
      environments.add(newEnvironment());
    }
  }

  private Environment newEnvironment() {
    Life life = new Life("ingest-" + started++, world, false);
    return new Environment(
        life,
        new PlainRoutes(
            new PlainRoutes.Ports(
                world.parts.table(Parts.Owner.INGEST, new RemoteTable(world, life), world),
                new RemoteStream(life),
                life.clock(),
                world.chance.random(),
                life::sleep,
                Runnable::run),
            RATE));
  }

  /** An environment dies with what it is doing, and another takes its place. */
  void killOne() {
    int index = world.chance.below(environments.size());
    environments.get(index).life().die();
    environments.set(index, newEnvironment());
  }

  void end() {
    environments.forEach(environment -> environment.life().end());
  }

  /**
   * Has a frame answered, in a while.
   *
   * @param answer gets the answer if there is one and it isn't lost
   */
  void ask(PlainRoutes.Connected from, ClientFrame frame, Consumer<ServerFrame> answer) {
    world.fibers.spawn(
        () -> {
          world.fibers.sleep(world.chance.upTo(LONGEST_WAY));
          ServerFrame reply = world.chance.anyOf(environments).routes().answer(frame, from, TIME);
          boolean isLost = world.chance.of(world.faults.likelihood(world.faults.lostAnswer));
          if (reply != null && !isLost) {
            world.fibers.after(world.chance.upTo(LONGEST_WAY), () -> answer.accept(reply));
          }
        });
  }

  /** The stream as one environment reaches it. */
  private final class RemoteStream implements Stream {
    private final Life life;

    RemoteStream(Life life) {
      this.life = life;
    }

    @Override
    public Put put(ChatEvent event) {
      life.step();
      if (event instanceof ChatEvent.Subscribed subscribed
          && world.slowJoins.remove(subscribed.userId())) {
        life.sleep(world.chance.upTo(SLOW));
      }
      Faults faults = world.faults;
      if (faults.isDown(Faults.Service.STREAM, world.fibers.instant())
          || world.chance.of(faults.likelihood(faults.notDone))) {
        return new Unknown("throttled");
      }
      Position position =
          world.stream.put(event.chatId().value(), Bytes.of(ChatEvents.encode(event)));
      life.step();
      return world.chance.of(faults.likelihood(faults.unanswered))
          ? new Unknown("not answered")
          : new Taken(position);
    }

    @Override
    public List<Put> putAll(List<ChatEvent> events) {
      List<Put> puts = new ArrayList<>();
      events.forEach(event -> puts.add(put(event)));
      return puts;
    }
  }
}
