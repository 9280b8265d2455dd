package dev.confab.replay;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Checks of options that their types don't make. */
final class Options {
  private Options() {}

  /**
   * @throws ParameterException if it is below 1
   */
  static void atLeastOne(@Nullable CommandSpec spec, String option, long value) {
    check(spec, value >= 1, option + " must be 1 or more, not " + value);
  }

  /**
   * @throws ParameterException if it is false
   */
  static void check(@Nullable CommandSpec spec, boolean isValid, String complaint) {
    if (!isValid) {
      throw new ParameterException(of(spec).commandLine(), complaint);
    }
  }

  /** The command line, as it was given. */
  static List<String> args(@Nullable CommandSpec spec) {
    return of(spec).root().commandLine().getParseResult().originalArgs();
  }

  private static CommandSpec of(@Nullable CommandSpec spec) {
    if (spec == null) {
      throw new IllegalStateException("picocli gives every command its spec");
    }
    return spec;
  }
}
