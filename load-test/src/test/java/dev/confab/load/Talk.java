package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.load.client.Output;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** People who go on sending, each to one chat after the other. Used by one thread. */
final class Talk implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Half of what a user may send for long. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  private static final String PREFIX = "talk ";

  private record Speaker(Person person, Set<ClientMessageId> sent, Future<?> turns) {}

  private final List<ChatId> chats;
  private final Map<ChatId, Integer> sentTo = new ConcurrentHashMap<>();
  private final List<Speaker> speakers = new ArrayList<>();
  private final ScheduledExecutorService schedule = Executors.newSingleThreadScheduledExecutor();

  /** Begins. */
  Talk(List<Person> people, List<ChatId> chats) {
    this.chats = chats;
    for (Person person : people) {
      int offset = speakers.size() * chats.size() / people.size();
      Set<ClientMessageId> sent = ConcurrentHashMap.newKeySet();
      Future<?> turns =
          schedule.scheduleAtFixedRate(
              () -> speak(person, offset, sent), 0, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      speakers.add(new Speaker(person, sent, turns));
    }
  }

  private void speak(Person person, int offset, Set<ClientMessageId> sent) {
    ChatId chat = chats.get((offset + sent.size()) % chats.size());
    int number = sentTo.merge(chat, 1, Integer::sum);
    sent.add(person.send(chat, PREFIX + number));
  }

  private static List<Integer> numbers(Person person, ChatId chat) {
    return person.texts(chat).stream()
        .filter(text -> text.startsWith(PREFIX))
        .map(text -> Integer.valueOf(text.substring(PREFIX.length())))
        .toList();
  }

  /** Waits until everyone has seen, in every chat, a message that was sent after now. */
  void awaitMore() {
    Map<ChatId, Integer> before = Map.copyOf(sentTo);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              for (Speaker speaker : speakers) {
                for (ChatId chat : chats) {
                  int last = before.getOrDefault(chat, 0);
                  assertThat(numbers(speaker.person(), chat)).anyMatch(number -> number > last);
                }
              }
            });
  }

  /** Sends no more; waits until each message is in its sender's view, and all are in everyone's. */
  void end() throws InterruptedException {
    assertThat(speakers)
        .as("nobody's turn ended in a fault")
        .noneMatch(speaker -> speaker.turns().isDone());
    schedule.shutdown();
    assertThat(schedule.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              for (Speaker speaker : speakers) {
                assertThat(speaker.person().own(Output.OwnState.PLACED))
                    .containsAll(speaker.sent());
                for (ChatId chat : chats) {
                  assertThat(numbers(speaker.person(), chat)).hasSize(sentTo.getOrDefault(chat, 0));
                }
              }
            });
  }

  @Override
  public void close() {
    schedule.shutdownNow();
  }
}
