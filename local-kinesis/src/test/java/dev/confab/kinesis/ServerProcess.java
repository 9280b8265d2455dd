package dev.confab.kinesis;

import java.nio.file.Path;
import java.time.Duration;

/**
 * A server with a data directory in a process of its own, which a test can kill. Prints its port.
 */
final class ServerProcess {
  private ServerProcess() {}

  public static void main(String[] arguments) throws Exception {
    LocalKinesis server =
        LocalKinesis.builder().dataDirectory(Path.of(arguments[0])).shardLimits(false).start();
    server.ensureStream("stream", 2);
    System.out.println(server.port());
    Thread.sleep(Duration.ofMinutes(5));
  }
}
