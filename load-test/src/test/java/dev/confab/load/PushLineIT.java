package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ConnectionId;
import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import dev.confab.events.EndReason;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.load.verify.Proxy.Reaction;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that can't be reached for a while, on a whole stack, and the replay for them. */
final class PushLineIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final ChatId CHAT = new ChatId("team");
  private static final String SECRET = "missed";

  @TempDir Path folder;
  private BreakableStack world;

  @BeforeEach
  void start() throws Exception {
    world = new BreakableStack(Clock.systemUTC());
  }

  @AfterEach
  void stop() {
    world.close();
  }

  private Frames connect(String user) {
    return Frames.connect(world.stack.webSocketUri(), world.stack.tokenFor(user));
  }

  private Frames member(String user) throws InterruptedException {
    Frames member = connect(user);
    member.send(new ClientFrame.Join(null, CHAT));
    member.next(ServerFrame.Joined.class);
    return member;
  }

  private static Position say(Frames who, String id, String text) throws InterruptedException {
    who.send(new ClientFrame.SendMessage(null, CHAT, new ClientMessageId(id), text, false));
    return who.next(ServerFrame.Sent.class).position();
  }

  @Test
  void whoIsStillThere_getsWhatItMissed_markedAsReplayed() throws Exception {
    try (Frames ana = connect("ana")) {
      ana.send(new ClientFrame.CreateChat(null, CHAT, null, Access.OPEN));
      ana.next(ServerFrame.ChatCreated.class);
      ana.send(new ClientFrame.Join(null, CHAT));
      ana.next(ServerFrame.Joined.class);
      try (Frames ben = member("ben");
          Frames dan = member("dan")) {
        Set<ConnectionId> failing;
        List<Position> missed;
        try (Frames _ = member("cleo")) {
          failing = connectionsOf(Set.of("ben", "cleo", "dan"));
          failOn(failing);
          missed = List.of(say(ana, "m-1", SECRET + " 1"), say(ana, "m-2", SECRET + " 2"));
          awaitLetters(failing, missed);
        } // who leaves
        world.connections.pass();
        ana.send(new ClientFrame.RemoveMember(null, CHAT, new UserId("dan")));
        assertThat(dan.next(ServerFrame.Unsubscribed.class).reason()).isEqualTo(EndReason.REMOVED);

        Operator.Ran run =
            new Operator(world.stack, folder).run("run", "--execute", "--stage=fanout");
        assertThat(run.code()).as("%s", run).isZero();

        assertThat(positions(ben, 2)).isEqualTo(missed);
        assertThat(messages(ben)).allMatch(ServerFrame.Messages::replayed);
        Position last = say(ana, "m-3", "the last");
        assertThat(positions(ben, 3)).endsWith(last);
        assertThat(messages(ben).toList().getLast().replayed()).isFalse();
        assertThat(positions(ana, 3)).containsExactly(missed.get(0), missed.get(1), last);
        assertThat(messages(ana)).noneMatch(ServerFrame.Messages::replayed);
        assertThat(messages(dan)).as("of one who was removed").isEmpty();
        assertThat(world.backdoor.depth(Backdoor.FANOUT_DLQ)).isZero();
        assertThat(world.backdoor.depth(Backdoor.PERSIST_DLQ)).isZero();
      }
    }
  }

  private Set<ConnectionId> connectionsOf(Set<String> users) {
    return world.backdoor.items(Backdoor.NAME, CHAT, "CONNECTION#").stream()
        .filter(item -> users.contains(Backdoor.text(item, "userId")))
        .map(item -> Backdoor.text(item, "SK").substring("CONNECTION#".length()))
        .map(ConnectionId::new)
        .collect(Collectors.toSet());
  }

  private void failOn(Set<ConnectionId> connections) {
    List<String> ids =
        connections.stream()
            .map(one -> URLEncoder.encode(one.value(), StandardCharsets.UTF_8))
            .toList();
    world.connections.react(
        call ->
            ids.stream().anyMatch(id -> call.path().endsWith("/@connections/" + id))
                ? new Reaction.Answer(500, "{\"message\":\"Internal server error\"}")
                : Reaction.pass(call));
  }

  /** Waits until all is told of in the queue, by position and connection and nothing else. */
  private void awaitLetters(Set<ConnectionId> connections, List<Position> positions) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              List<DeadLetter> letters = world.backdoor.letters(Backdoor.FANOUT_DLQ);
              assertThat(letters).hasOnlyElementsOfType(DeadLetter.PushLetter.class);
              List<DeadLetter.PushLetter> pushes =
                  letters.stream().map(DeadLetter.PushLetter.class::cast).toList();
              assertThat(pushes.stream().flatMap(one -> one.positions().stream()))
                  .containsExactlyInAnyOrderElementsOf(positions);
              assertThat(pushes.stream().map(one -> Set.copyOf(one.connectionIds())))
                  .containsOnly(connections);
              assertThat(pushes)
                  .allMatch(one -> !DeadLetterCodec.toJson(one).contains(SECRET), "no text");
            });
  }

  private static Stream<ServerFrame.Messages> messages(Frames frames) {
    return frames.all().stream()
        .filter(ServerFrame.Messages.class::isInstance)
        .map(ServerFrame.Messages.class::cast);
  }

  /** The positions of all messages that were pushed, in order, once there are so many. */
  private static List<Position> positions(Frames frames, int count) {
    return await()
        .atMost(PATIENCE)
        .until(
            () ->
                messages(frames)
                    .flatMap(frame -> frame.messages().stream())
                    .map(Entry.Posted::position)
                    .toList(),
            all -> all.size() >= count);
  }
}
