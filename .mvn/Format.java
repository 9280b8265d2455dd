import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks, or with {@code apply} rewrites, every Java source as google-java-format writes it. A
 * program rather than a Maven plugin because the formatter needs the JDK 25 that the toolchain
 * finds, while plugins run on whatever JDK Maven itself was started with.
 */
final class Format {
  public static void main(String[] args) throws Exception {
    boolean apply = args.length > 0 && args[0].equals("apply");
    Formatter formatter = new Formatter();
    List<Path> unformatted;
    try (Stream<Path> files = Files.walk(Path.of("."))) {
      unformatted =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> file.toString().contains("/src/"))
              .filter(file -> !file.toString().contains("/target/"))
              .filter(file -> differs(formatter, file, apply))
              .toList();
    }
    unformatted.forEach(file -> System.out.println((apply ? "formatted " : "not formatted: ") + file));
    if (!apply && !unformatted.isEmpty()) {
      System.out.println("Run: mvn -N -q exec:exec@format -Dformat=apply");
      System.exit(1);
    }
  }

  private static boolean differs(Formatter formatter, Path file, boolean apply) {
    try {
      String before = Files.readString(file);
      String imports =
          ImportOrderer.reorderImports(
              RemoveUnusedImports.removeUnusedImports(before), JavaFormatterOptions.Style.GOOGLE);
      String after = formatter.formatSource(imports);
      if (before.equals(after)) {
        return false;
      }
      if (apply) {
        Files.writeString(file, after);
      }
      return true;
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    } catch (Exception notJava) {
      throw new IllegalStateException(file + ": " + notJava.getMessage(), notJava);
    }
  }
}
