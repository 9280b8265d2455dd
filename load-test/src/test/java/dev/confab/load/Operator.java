package dev.confab.load;

import dev.confab.local.LocalStack;
import dev.confab.replay.Replay;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Someone at the command line of the dlq-replayer. Thread-safe. */
final class Operator {
  private final Map<String, String> environment;
  private final Path folder;

  /**
   * @param folder for the audit file
   */
  Operator(LocalStack stack, Path folder) {
    this.environment = stack.environment();
    this.folder = folder;
  }

  /** How a command ended. */
  record Ran(int code, String out, String err) {}

  /** Runs a command in this process. */
  Ran run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Replay.run(
            audited(args).toArray(String[]::new),
            environment,
            new PrintWriter(out),
            new PrintWriter(err));
    return new Ran(code, out.toString(), err.toString());
  }

  /**
   * Starts a command in a process of its own.
   *
   * @param queues where SQS is for it
   */
  Process start(URI queues, String... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Replay.class.getName()));
    command.addAll(audited(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.environment().put("AWS_ENDPOINT_URL_SQS", queues.toString());
    return builder
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private List<String> audited(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--audit=" + folder.resolve("audit.jsonl"));
    return all;
  }
}
