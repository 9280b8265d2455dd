package dev.confab.local;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/** DynamoDB on this machine: AWS's own DynamoDB Local, in this JVM, in memory or in a folder. */
final class LocalTables implements AutoCloseable {
  private final DynamoDBProxyServer server;

  private LocalTables(DynamoDBProxyServer server) {
    this.server = server;
  }

  /**
   * Starts it.
   *
   * @param port where to listen, a free one
   * @param data where tables outlive the process; null keeps them in memory
   * @throws IllegalStateException if it can't start
   */
  static LocalTables start(int port, @Nullable Path data) {
    List<String> arguments = new ArrayList<>(List.of("-port", String.valueOf(port), "-sharedDb"));
    if (data == null) {
      arguments.add("-inMemory");
    } else {
      arguments.addAll(List.of("-dbPath", data.toAbsolutePath().toString()));
    }
    arguments.add("-disableTelemetry");
    try {
      DynamoDBProxyServer server = quietly(arguments);
      server.start();
      return new LocalTables(server);
    } catch (Exception failed) {
      throw new IllegalStateException("DynamoDB Local did not start: " + failed, failed);
    }
  }

  /** It prints its settings to standard output, which belongs to the launcher. */
  private static DynamoDBProxyServer quietly(List<String> arguments) throws Exception {
    PrintStream out = System.out;
    System.setOut(new PrintStream(PrintStream.nullOutputStream(), false, out.charset()));
    try {
      return ServerRunner.createServerFromCommandLineArgs(arguments.toArray(String[]::new));
    } finally {
      System.setOut(out);
    }
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception alreadyStopped) {
      throw new IllegalStateException("DynamoDB Local did not stop", alreadyStopped);
    }
  }
}
