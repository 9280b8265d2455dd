package dev.confab.replay;

import dev.confab.events.JsonText;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * What a command says while it works: lines for people, or JSON lines for machines. Results go to
 * standard output, progress and notes to standard error. Thread-safe.
 */
final class Report {
  private static final Duration REDRAWN = Duration.ofMillis(100);
  private static final Duration REPEATED = Duration.ofSeconds(10);
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean isJson;
  private final boolean isTerminal;
  private final Clock clock;
  private boolean isBarShown;
  private Instant nextProgress;

  /**
   * @param isTerminal whether {@code err} is one, where a line can be drawn over
   */
  Report(PrintWriter out, PrintWriter err, boolean isJson, boolean isTerminal, Clock clock) {
    this.out = out;
    this.err = err;
    this.isJson = isJson;
    this.isTerminal = isTerminal;
    this.clock = clock;
    this.nextProgress = clock.instant().plus(interval());
  }

  /** For people. Anything of others in it has gone through {@link Plain}. */
  synchronized void say(String line) {
    if (!isJson) {
      eraseBar();
      out.println(line);
      out.flush();
    }
  }

  /** For machines. */
  synchronized void tell(JsonText.Fields fields) {
    if (isJson) {
      out.println(JsonText.object(fields));
      out.flush();
    }
  }

  /** For whoever watches; not part of the result. */
  synchronized void note(String line) {
    eraseBar();
    err.println(line);
    err.flush();
  }

  /**
   * How far it is: a bar on a terminal, a line now and then elsewhere.
   *
   * @param about of how many, which SQS counts approximately
   */
  synchronized void progress(long done, long about, String text) {
    Instant now = clock.instant();
    if (now.isBefore(nextProgress)) {
      return;
    }
    nextProgress = now.plus(interval());
    if (isTerminal && !isJson) {
      err.print(ERASE_LINE + Bar.draw(done, about) + " " + text);
      err.flush();
      isBarShown = true;
    } else if (isJson) {
      tell(
          json -> {
            json.writeStringField("type", "progress");
            json.writeNumberField("done", done);
            json.writeNumberField("about", about);
          });
    } else {
      note(text);
    }
  }

  private Duration interval() {
    return isTerminal && !isJson ? REDRAWN : REPEATED;
  }

  private void eraseBar() {
    if (isBarShown) {
      err.print(ERASE_LINE);
      err.flush();
      isBarShown = false;
    }
  }
}
