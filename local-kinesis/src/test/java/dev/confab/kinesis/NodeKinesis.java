package dev.confab.kinesis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.confab.kinesis.KinesisContract.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * {@code kinesis-local}, the Kinesis that LocalStack runs, as a process of node. It is installed by
 * npm below {@code target} at first use; without node, npm or the package, whoever wants it is
 * skipped.
 */
final class NodeKinesis {
  private static final String VERSION = "0.6.2";
  private static final Path HOME = Path.of("target", "kinesis-local-" + VERSION).toAbsolutePath();
  private static final Path MODULE = HOME.resolve("node_modules/kinesis-local");

  private NodeKinesis() {}

  /** Starts it, or skips the caller and says why. */
  static Endpoint startOrSkip() throws Exception {
    Optional<String> missing = missing();
    assumeTrue(
        missing.isEmpty(), () -> "kinesis-local is not compared with: " + missing.orElseThrow());
    int port = freePort();
    int tlsPort = freePort();
    ProcessBuilder builder =
        new ProcessBuilder("node", MODULE.resolve("main.js").toString())
            .redirectErrorStream(true)
            .redirectOutput(HOME.resolve("output.log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "KINESIS_MOCK_PLAIN_PORT", String.valueOf(port),
                "KINESIS_MOCK_TLS_PORT", String.valueOf(tlsPort),
                "KINESIS_MOCK_CERT_PATH", MODULE.resolve("server.json").toString(),
                "AWS_REGION", "us-east-1",
                "LOG_LEVEL", "ERROR"));
    Process process = builder.start();
    Thread killer = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(killer);
    await().atMost(Duration.ofSeconds(60)).until(() -> answers(process, port));
    return new Endpoint(
        URI.create("http://127.0.0.1:" + port),
        () -> {
          process.destroyForcibly();
          Runtime.getRuntime().removeShutdownHook(killer);
        });
  }

  private static boolean answers(Process process, int port) {
    if (!process.isAlive()) {
      throw new IllegalStateException("node ended; see " + HOME.resolve("output.log"));
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** What keeps it from running, if anything does. */
  private static Optional<String> missing() throws IOException, InterruptedException {
    if (!succeeds(List.of("node", "--version"))) {
      return Optional.of("there is no node");
    }
    if (Files.exists(MODULE.resolve("main.js"))) {
      return Optional.empty();
    }
    if (!succeeds(List.of("npm", "--version"))) {
      return Optional.of("there is no npm");
    }
    Files.createDirectories(HOME);
    List<String> install =
        List.of(
            "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--prefix",
            HOME.toString(),
            "kinesis-local@" + VERSION);
    return succeeds(install)
        ? Optional.empty()
        : Optional.of("npm could not install kinesis-local " + VERSION);
  }

  private static boolean succeeds(List<String> command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException notFound) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
