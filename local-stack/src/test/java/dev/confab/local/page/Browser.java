package dev.confab.local.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A Chromium without a window, driven over the DevTools protocol: one process, and tabs that share
 * nothing with each other. Needs nothing but the browser.
 */
final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  private final Process process;
  private final Path profile;
  private final WebSocket devTools;
  private final AtomicInteger count = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> commands = new ConcurrentHashMap<>();
  private final Map<String, Tab> tabs = new ConcurrentHashMap<>();

  private Browser(Process process, Path profile, URI devTools) {
    this.process = process;
    this.profile = profile;
    this.devTools =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(devTools, new Messages())
            .join();
  }

  /** Where a Chromium is, if there is one: {@code CHROMIUM} names it, or it is on the path. */
  static Optional<Path> installed() {
    String named = System.getenv("CHROMIUM");
    Stream<Path> candidates =
        named != null
            ? Stream.of(Path.of(named))
            : Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)));
    return candidates.filter(Files::isExecutable).findFirst();
  }

  static Browser start(Path chromium) throws IOException {
    Path profile = Files.createTempDirectory("confab-chromium");
    Process process =
        new ProcessBuilder(
                chromium.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--window-size=1024,768",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    Path port = profile.resolve("DevToolsActivePort"); // written once it listens
    Awaitility.await().atMost(PATIENCE).until(() -> Files.exists(port) && lines(port).size() == 2);
    List<String> address = lines(port);
    return new Browser(
        process, profile, URI.create("ws://127.0.0.1:" + address.get(0) + address.get(1)));
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.readAllLines(file);
  }

  /**
   * A tab of its own session, as in another person's browser.
   *
   * @param before runs in the page before its own scripts do
   */
  Tab open(URI page, String before) {
    String context = command(null, "Target.createBrowserContext").path("browserContextId").asText();
    String target =
        command(null, "Target.createTarget", "url", "about:blank", "browserContextId", context)
            .path("targetId")
            .asText();
    String session =
        command(null, "Target.attachToTarget", "targetId", target, "flatten", true)
            .path("sessionId")
            .asText();
    Tab tab = new Tab(session);
    tabs.put(session, tab);
    command(session, "Runtime.enable");
    command(session, "Log.enable");
    command(session, "Page.enable");
    command(session, "Page.addScriptToEvaluateOnNewDocument", "source", before);
    command(session, "Page.navigate", "url", page.toString());
    return tab;
  }

  private JsonNode command(@Nullable String session, String method, Object... parameters) {
    ObjectNode command = JSON.createObjectNode().put("id", count.incrementAndGet());
    command.put("method", method);
    if (session != null) {
      command.put("sessionId", session);
    }
    ObjectNode named = command.putObject("params");
    for (int i = 0; i < parameters.length; i += 2) {
      named.set((String) parameters[i], JSON.valueToTree(parameters[i + 1]));
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    commands.put(command.path("id").asInt(), answer);
    synchronized (devTools) { // which takes one message at a time
      devTools.sendText(command.toString(), true).join();
    }
    return answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    devTools.abort();
    process.destroy();
    process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
    process.destroyForcibly().onExit().join();
    try (Stream<Path> files = Files.walk(profile)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException leftBehind) {
      // a helper process of the browser may still write; the folder is a temporary one
    }
  }

  /** One page. */
  final class Tab {
    private final String session;
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    private Tab(String session) {
      this.session = session;
    }

    /** What an expression, or the promise that it gives, comes to. */
    JsonNode evaluate(String expression) {
      JsonNode answer =
          command(
              session,
              "Runtime.evaluate",
              "expression",
              expression,
              "awaitPromise",
              true,
              "returnByValue",
              true);
      if (answer.has("exceptionDetails")) {
        throw new AssertionError(expression + ": " + answer.path("exceptionDetails"));
      }
      return answer.path("result").path("value");
    }

    /** The texts of the elements that a selector finds. */
    List<String> texts(String selector) {
      List<String> texts = new ArrayList<>();
      evaluate(
              "[...document.querySelectorAll(%s)].map(e => e.textContent)"
                  .formatted(quoted(selector)))
          .forEach(text -> texts.add(text.asText()));
      return texts;
    }

    /** Waits until a selector finds something that can be seen. */
    void see(String selector) {
      see(selector, PATIENCE);
    }

    void see(String selector, Duration patience) {
      until("document.querySelector(%s)?.checkVisibility()".formatted(quoted(selector)), patience);
    }

    void until(String condition) {
      until(condition, PATIENCE);
    }

    private void until(String condition, Duration patience) {
      Awaitility.await(condition)
          .atMost(patience)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> evaluate("Boolean(" + condition + ")").asBoolean());
    }

    void click(String selector) {
      see(selector);
      evaluate("document.querySelector(%s).click()".formatted(quoted(selector)));
    }

    void type(String selector, String text) {
      see(selector);
      evaluate(
          "{const e = document.querySelector(%s); e.value = %s; e.dispatchEvent(new Event('input'))}"
              .formatted(quoted(selector), quoted(text)));
    }

    /** Keeps a picture of the page as it is now. */
    void keep(String name) {
      String png = command(session, "Page.captureScreenshot").path("data").asText();
      try {
        Files.createDirectories(SCREENSHOTS);
        Files.write(SCREENSHOTS.resolve(name + ".png"), Base64.getDecoder().decode(png));
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
    }

    /** Exceptions and errors of the console, refused scripts and styles among them. */
    List<String> complaints() {
      return List.copyOf(complaints);
    }
  }

  static String quoted(String text) {
    return JSON.valueToTree(text).toString();
  }

  private final class Messages implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        take(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    private void take(String message) {
      JsonNode json;
      try {
        json = JSON.readTree(message);
      } catch (IOException notJson) {
        throw new UncheckedIOException(notJson);
      }
      CompletableFuture<JsonNode> waiting = commands.remove(json.path("id").asInt());
      if (waiting != null) {
        if (json.has("error")) {
          waiting.completeExceptionally(new AssertionError(json.path("error").toString()));
        } else {
          waiting.complete(json.path("result"));
        }
        return;
      }
      Tab tab = tabs.get(json.path("sessionId").asText());
      String method = json.path("method").asText();
      boolean isError = json.at("/params/entry/level").asText().equals("error");
      if (tab != null && (method.equals("Runtime.exceptionThrown") || isError)) {
        tab.complaints.add(json.path("params").toString());
      }
    }
  }
}
