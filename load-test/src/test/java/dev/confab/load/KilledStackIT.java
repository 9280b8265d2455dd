package dev.confab.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.JsonObject;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A local run that keeps its data, killed by SIGKILL in the middle of its work. */
final class KilledStackIT {
  private static final ChatId CHAT = new ChatId("durable");

  /** Below the burst that a user has: no message waits for the rate. */
  private static final int MESSAGES = 40;

  @Test
  void whatWasAckedOutlivesAKill(@TempDir Path data) throws Exception {
    List<Integer> ports = freePorts(4);
    Set<Position> acked = new LinkedHashSet<>();
    try (Child stack = Child.start(data, ports);
        Frames client = stack.connect("ana")) {
      client.send(new ClientFrame.CreateChat(null, CHAT, null, Access.OPEN));
      client.next(ServerFrame.ChatCreated.class);
      for (int i = 0; i < MESSAGES; i++) {
        client.send(
            new ClientFrame.SendMessage(
                null, CHAT, new ClientMessageId("m-" + i), "message " + i, false));
      }
      for (int i = 0; i < MESSAGES / 2; i++) { // the rest is somewhere on its way
        acked.add(client.next(ServerFrame.Sent.class).position());
      }
      stack.kill();
    }
    try (Child stack = Child.start(data, ports);
        Frames client = stack.connect("ana")) {
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(stored(client)).containsAll(acked));
    }
  }

  private static Set<Position> stored(Frames client) throws InterruptedException {
    Set<Position> positions = new LinkedHashSet<>();
    Cursor after = Cursor.start();
    while (true) {
      client.send(new ClientFrame.History(null, CHAT, after, null, 100));
      ServerFrame.History page = client.next(ServerFrame.History.class);
      page.messages().forEach(message -> positions.add(message.position()));
      if (!page.hasMore()) {
        return positions;
      }
      after = page.through();
    }
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sockets.add(new ServerSocket(0));
    }
    List<Integer> ports = new ArrayList<>();
    for (ServerSocket socket : sockets) {
      ports.add(socket.getLocalPort());
      socket.close();
    }
    return ports;
  }

  /** {@code confab local} in a process of its own. */
  private record Child(Process process, int port) implements AutoCloseable {
    static Child start(Path data, List<Integer> ports) throws IOException {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "--sun-misc-unsafe-memory-access=allow",
                  "-XX:TieredStopAtLevel=1",
                  "-Dconfab.home=..",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "dev.confab.local.Main",
                  "local",
                  "--data=" + data,
                  "--failover=PT3S",
                  "--port=" + ports.get(0),
                  "--kinesis-port=" + ports.get(1),
                  "--dynamodb-port=" + ports.get(2),
                  "--sqs-port=" + ports.get(3))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      BufferedReader output = process.inputReader();
      List<String> lines = new ArrayList<>();
      for (String line = output.readLine(); ; line = output.readLine()) {
        assertThat(line).as("it ended before it was ready, after %s", lines).isNotNull();
        lines.add(line);
        if (line.contains("ready")) {
          return new Child(process, ports.getFirst());
        }
      }
    }

    Frames connect(String user) throws Exception {
      try (HttpClient http = HttpClient.newHttpClient()) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/token"))
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"" + user + "\"}"))
                .build();
        String reply = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        return Frames.connect(
            URI.create("ws://localhost:" + port + "/local"),
            JsonObject.parse(reply).string("token"));
      }
    }

    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
