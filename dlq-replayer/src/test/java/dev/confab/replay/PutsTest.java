package dev.confab.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatId;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PutsTest {
  private final VirtualTime time = new VirtualTime();
  private final InMemoryRecords records = new InMemoryRecords();
  private final Stop stop = new Stop();
  private final Puts puts =
      new Puts(
          records,
          new Hand(time, time, new Workers(Runnable::run, 1), stop),
          stop,
          new Report(
              new PrintWriter(Writer.nullWriter()),
              new PrintWriter(Writer.nullWriter()),
              false,
              false,
              time),
          time,
          new Random(1));

  private static ChatEvent replay(int n, int bytes) {
    return new ChatEvent.Replay(
        new ChatId("chat-" + n), TestLetters.position(n), 1, Bytes.of(new byte[bytes]));
  }

  @Test
  void manyRecords_goInCallsThatKinesisTakes() {
    List<ChatEvent> events = new ArrayList<>();
    for (int i = 0; i < 1_203; i++) {
      events.add(replay(i, 10));
    }

    assertThat(puts.put(events)).hasSize(1_203).allMatch(put -> put instanceof Records.Taken);
    assertThat(records.batches()).containsExactly(500, 500, 203);
    assertThat(records.events()).isEqualTo(events);
  }

  @Test
  void largeRecords_goInCallsThatKinesisTakes() {
    List<ChatEvent> events = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      events.add(replay(i, ChatEvent.MAX_EVENT_BYTES));
    }

    assertThat(puts.put(events)).hasSize(100).allMatch(put -> put instanceof Records.Taken);
    // 128 KB in base64 is 175 KB: 29 of them fit into 5 MiB.
    assertThat(records.batches()).containsExactly(29, 29, 29, 13);
  }

  @Test
  void newMessagesOfOneChat_goOneAfterTheOther_othersTogether() {
    List<ChatEvent> events =
        List.of(
            TestLetters.message("a", 1),
            TestLetters.message("a", 2),
            TestLetters.message("b", 3),
            replay(4, 1),
            TestLetters.message("a", 5));

    puts.put(events);

    assertThat(records.batches()).containsExactly(3, 1, 1);
  }

  @Test
  void answers_areInTheOrderOfTheEvents() {
    records.refuse(
        (call, record) -> call == 1 && record.partitionKey().equals("chat-0") ? "no" : "");

    List<Records.Put> answers = puts.put(List.of(replay(0, 1), replay(1, 1)));

    assertThat(answers)
        .containsExactly(
            new Records.Taken(InMemoryRecords.SHARD, "2"),
            new Records.Taken(InMemoryRecords.SHARD, "1"));
  }

  @Test
  void afterAStop_whatWasRefusedIsNotTriedAgain() {
    records.refuse(
        (_, record) -> {
          stop.requestByOperator();
          return record.partitionKey().equals("chat-0") ? "no" : "";
        });

    List<Records.Put> answers = puts.put(List.of(replay(0, 1), replay(1, 1)));

    assertThat(answers.get(0)).isEqualTo(new Records.Refused("no"));
    assertThat(answers.get(1)).isInstanceOf(Records.Taken.class);
    assertThat(records.batches()).containsExactly(2);
  }

  @Test
  void aStreamThatGoesAway_leavesKnownWhatItTook() {
    List<ChatEvent> events = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      events.add(replay(i, 1));
    }
    records.refuse(
        (call, _) -> {
          if (call == 2) {
            throw new CannotGoOnException("not allowed to use the stream");
          }
          return "";
        });

    List<Records.Put> answers = puts.put(events);

    assertThat(answers.subList(0, 500)).allMatch(put -> put instanceof Records.Taken);
    assertThat(answers.subList(500, 600))
        .containsOnly(new Records.Refused("not allowed to use the stream"));
  }
}
