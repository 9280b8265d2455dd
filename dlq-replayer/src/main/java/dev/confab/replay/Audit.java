package dev.confab.replay;

import dev.confab.events.JsonText;
import dev.confab.events.Timestamps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The file in which every command leaves who did what, when, and with what result: JSON lines,
 * appended, never changed. Two replayers may write to one file. Thread-safe.
 */
final class Audit implements AutoCloseable {
  private final Path path;
  private final FileChannel file;
  private final Clock clock;
  private final String run;

  /**
   * Opens the file, or makes it.
   *
   * @param run the command's id in its lines
   * @throws CannotGoOnException if it can't be written: nothing is done that leaves no trace
   */
  Audit(Path path, Clock clock, UUID run) {
    this.path = path;
    this.clock = clock;
    this.run = run.toString();
    try {
      file =
          FileChannel.open(
              path,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
              LetterFile.ownerOnly());
    } catch (IOException notOpened) {
      throw cannotWrite(notOpened);
    }
  }

  /** Appends one line a call. {@code fields} follow the time and the command's id. */
  void write(JsonText.Fields fields) {
    write(List.of(fields));
  }

  /** Appends lines, in one write, so that those of two replayers don't mix. */
  synchronized void write(List<JsonText.Fields> lines) {
    StringBuilder text = new StringBuilder();
    for (JsonText.Fields fields : lines) {
      text.append(
              JsonText.object(
                  json -> {
                    json.writeStringField("at", Timestamps.format(clock.instant()));
                    json.writeStringField("run", run);
                    fields.write(json);
                  }))
          .append('\n');
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
    } catch (IOException notWritten) {
      throw cannotWrite(notWritten);
    }
  }

  @Override
  public void close() {
    try (file) {
      file.force(true);
    } catch (IOException notWritten) {
      throw cannotWrite(notWritten);
    }
  }

  private CannotGoOnException cannotWrite(IOException fault) {
    return new CannotGoOnException(
        "cannot write the audit file "
            + path
            + ": "
            + LetterFile.reason(fault)
            + "; name one that can be written with --audit",
        fault);
  }
}
