package dev.confab.replay;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executor;

/** The command line over queues and a stream in memory, in time that passes only by pausing. */
final class Bench {
  final VirtualTime time = new VirtualTime();
  final InMemoryLetters persist = new InMemoryLetters(Stage.PERSIST, time);
  final InMemoryLetters fanout = new InMemoryLetters(Stage.FANOUT, time);
  final InMemoryRecords records = new InMemoryRecords();
  final Path folder;

  /** Of the command that runs now. */
  Stop stop = new Stop();

  /** What the operator types. */
  String input = "";

  /** All lanes on the calling thread, one after the other. */
  Executor executor = Runnable::run;

  /** What a command left. */
  record Ran(int code, String out, String err) {
    List<String> outLines() {
      return out.lines().toList();
    }
  }

  Bench(Path folder) {
    this.folder = folder;
  }

  Path audit() {
    return folder.resolve("audit.jsonl");
  }

  List<String> auditLines() throws IOException {
    return Files.readAllLines(audit());
  }

  Ran run(String... args) {
    return runWithAudit(audit(), args);
  }

  Ran runWithAudit(Path audit, String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--audit", audit.toString()));
    return execute(all);
  }

  Ran runWithoutAudit(String... args) {
    return execute(List.of(args));
  }

  private Ran execute(List<String> args) {
    stop = new Stop();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Random random = new Random(1);
    World world =
        new World(
            new PrintWriter(out),
            new PrintWriter(err),
            new BufferedReader(new StringReader(input)),
            false,
            "ana@desk",
            time,
            time,
            random,
            () -> new UUID(random.nextLong(), random.nextLong()),
            executor,
            stop,
            _ -> new InMemoryServices());
    int code = Replay.execute(args.toArray(String[]::new), world);
    return new Ran(code, out.toString(), err.toString());
  }

  private final class InMemoryServices implements Services {
    @Override
    public Letters letters(Stage stage) {
      return switch (stage) {
        case PERSIST -> persist;
        case FANOUT -> fanout;
      };
    }

    @Override
    public Records records() {
      return records;
    }

    @Override
    public void close() {}
  }
}
