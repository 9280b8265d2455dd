package dev.confab.kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server without shard limits, and with a stream, in a process of its own: one that can be
 * killed.
 */
final class ServerProcess implements AutoCloseable {
  static final String STREAM = "stream";
  static final int SHARDS = 4;

  private final Process process;
  private final URI endpoint;

  private ServerProcess(Process process, URI endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  /**
   * Starts one.
   *
   * @param dataDirectory none, or one
   */
  static ServerProcess start(Path... dataDirectory) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                ServerProcess.class.getName()));
    for (Path directory : dataDirectory) {
      command.add(directory.toString());
    }
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader output = process.inputReader(UTF_8)) {
      String port = output.readLine();
      if (port == null) {
        throw new IOException("the server's process ended early");
      }
      return new ServerProcess(process, URI.create("http://127.0.0.1:" + port));
    }
  }

  URI endpoint() {
    return endpoint;
  }

  @Override
  public void close() {
    kill();
  }

  /** Ends it by SIGKILL. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor(20, TimeUnit.SECONDS);
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
  }

  /** Runs the server and prints its port. */
  public static void main(String[] dataDirectory) throws Exception {
    LocalKinesis.Builder options = LocalKinesis.builder().shardLimits(false);
    if (dataDirectory.length > 0) {
      options.dataDirectory(Path.of(dataDirectory[0]));
    }
    LocalKinesis server = options.start();
    server.ensureStream(STREAM, SHARDS);
    System.out.println(server.port());
    Thread.sleep(Duration.ofHours(1));
  }
}
