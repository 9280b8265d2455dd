package dev.confab.load.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The command as it is: nothing is lost while consumers die and the services fail. */
final class VerifyIT {
  @Test
  void whateverBreaks_everythingIsKept() {
    System.setProperty("confab.home", "..");
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int exit;
    try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
      exit = new CommandLine(new Verify(out)).execute();
    }
    String report = said.toString(StandardCharsets.UTF_8);
    System.out.println(report);
    assertThat(exit).as(report).isZero();
    assertThat(report)
        .containsPattern("messages +20,000")
        .containsPattern("kills +[5-9]")
        .containsPattern("zombies +1")
        .containsPattern("reshards +2")
        .containsPattern("resends +[1-9]")
        .containsPattern("dropped resends +[1-9]")
        .containsPattern("dead letters +[1-9]");
  }
}
