package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.ChatId;
import dev.confab.local.LocalOptions;
import dev.confab.local.LocalStack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The load and its client, on a whole local stack. */
class LoadRunIT {
  private static final ChatId CHAT = new ChatId("cut");
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static LocalStack stack;

  @BeforeAll
  static void start() {
    stack = LocalStack.start(LocalOptions.anyPorts(Path.of("../template.yaml")), _ -> {});
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void everyMessage_comesToEveryone_once_inOneOrder() throws Exception {
    Load load = new Load(3, 4, 30, Duration.ofSeconds(1), Duration.ofSeconds(3), 100);
    try (LoadRun run = new LoadRun(load, stack.pageUri(), 1)) {
      LoadReport report = run.run();

      assertThat(report.isFlawless()).as("%s", report).isTrue();
      assertThat(report.expected()).isEqualTo(480);
      assertThat(report.firsts().getTotalCount()).isEqualTo(12);
      assertThat(report.received().getTotalCount()).isEqualTo(360);
      assertThat(report.acknowledged().getTotalCount()).isEqualTo(90);
    }
  }

  @Test
  void aClientThatIsCutOff_comesBackWithoutAGap_andLosesNothingOfItsOwn() throws Exception {
    try (Person.Crowd crowd = new Person.Crowd(stack)) {
      Person ana = crowd.person("ana");
      Person bob = crowd.person("bob");
      ana.create(CHAT);
      ana.join(List.of(CHAT));
      bob.join(List.of(CHAT));
      List<String> all = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        Person speaker = i % 3 == 0 ? bob : ana;
        String text = "text " + i;
        speaker.send(CHAT, text);
        all.add(text);
        if (i % 20 == 10) {
          bob.cut(); // whatever is under way is lost, or not
        }
      }
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(ana.texts(CHAT)).containsExactlyInAnyOrderElementsOf(all);
                assertThat(bob.texts(CHAT)).isEqualTo(ana.texts(CHAT));
              });
    }
  }
}
