package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Entry;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.load.client.ClientCore;
import dev.confab.load.client.ConfabClient;
import dev.confab.load.client.DevTokens;
import dev.confab.load.client.Output;
import dev.confab.local.LocalOptions;
import dev.confab.local.LocalStack;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The load and its client, on a whole local stack. */
class LoadRunIT {
  private static final ChatId CHAT = new ChatId("cut");
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static LocalStack stack;
  private static EventLoopGroup loops;
  private static ExecutorService blocking;

  @BeforeAll
  static void start() {
    stack = LocalStack.start(LocalOptions.anyPorts(Path.of("../template.yaml")), _ -> {});
    loops = new NioEventLoopGroup(1);
    blocking = Executors.newVirtualThreadPerTaskExecutor();
  }

  @AfterAll
  static void stop() {
    stack.close();
    blocking.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void everyMessage_comesToEveryone_once_inOneOrder() throws Exception {
    Load load = new Load(3, 4, 30, Duration.ofSeconds(4), 100);
    try (LoadRun run = new LoadRun(load, stack.pageUri(), 1)) {
      LoadReport report = run.run();

      assertThat(report.isFlawless()).as("%s", report).isTrue();
      assertThat(report.expected()).isEqualTo(480);
      assertThat(report.received().getTotalCount()).isEqualTo(480);
      assertThat(report.acknowledged().getTotalCount()).isEqualTo(120);
    }
  }

  /** A client, and what it was answered. */
  private static final class Person implements ConfabClient.Listener, AutoCloseable {
    final BlockingQueue<ServerFrame> answers = new LinkedBlockingQueue<>();
    final BlockingQueue<Boolean> links = new LinkedBlockingQueue<>();
    final ConfabClient client;

    Person(String name) throws Exception {
      UserId me = new UserId(name);
      AtomicInteger count = new AtomicInteger();
      DevTokens tokens = new DevTokens(stack.pageUri());
      client =
          new ConfabClient(
              tokens.webSocketUrl(),
              tokens.of(me),
              new ClientCore(
                  me,
                  false,
                  new Random(1),
                  () -> new ClientMessageId(name + "-" + count.incrementAndGet())),
              loops.next(),
              blocking,
              Clock.systemUTC(),
              this);
      assertThat(links.take()).isTrue();
    }

    @Override
    public void told(Output output) {
      if (output instanceof Output.Answered answered) {
        answers.add(answered.frame());
      }
    }

    @Override
    public void link(boolean isUp) {
      links.add(isUp);
    }

    List<String> texts() {
      return client
          .read(
              core -> {
                List<String> texts = new ArrayList<>();
                var view = core.view(CHAT);
                for (Entry.Shown entry : view == null ? List.<Entry.Shown>of() : view.shown()) {
                  if (entry instanceof Entry.Posted posted) {
                    texts.add(posted.text());
                  }
                }
                return texts;
              })
          .join();
    }

    @Override
    public void close() {
      client.close();
    }
  }

  @Test
  void aClientThatIsCutOff_comesBackWithoutAGap_andLosesNothingOfItsOwn() throws Exception {
    try (Person ana = new Person("ana");
        Person bob = new Person("bob")) {
      ana.client.request(id -> new ClientFrame.CreateChat(id, CHAT, null, Access.OPEN));
      assertThat(ana.answers.take()).isInstanceOf(ServerFrame.ChatCreated.class);
      ana.client.join(CHAT);
      bob.client.join(CHAT);
      List<String> all = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        Person speaker = i % 3 == 0 ? bob : ana;
        String text = "text " + i;
        speaker.client.send(CHAT, text).join();
        all.add(text);
        if (i % 20 == 10) {
          bob.client.cut(); // whatever is under way is lost, or not
        }
      }
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(ana.texts()).containsExactlyInAnyOrderElementsOf(all);
                assertThat(bob.texts()).isEqualTo(ana.texts());
              });
    }
  }
}
