package dev.confab.ingest;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads configuration from environment variables. What is missing or wrong is gathered, so that one
 * failed start names all of it: ask for every variable, then call {@link #check} before any value
 * is used. Not thread-safe.
 */
final class Variables {
  private final Map<String, String> environment;
  private final List<String> problems = new ArrayList<>();

  Variables(Map<String, String> environment) {
    this.environment = environment;
  }

  /** A text that must be there. */
  String text(String name, String what) {
    return parsed(name, what, Function.identity(), "");
  }

  /**
   * A value that must be there.
   *
   * @param what it must be, for the line that says that it isn't
   * @param unusable what to return where there is a problem, until {@link #check} tells
   */
  <T> T parsed(String name, String what, Function<String, T> form, T unusable) {
    String text = valueOf(name);
    if (text == null) {
      problems.add(name + " is missing: it must be " + what);
      return unusable;
    }
    return read(name, text, what, form, unusable);
  }

  /** A value that may be absent. */
  <T> T optional(String name, String what, Function<String, T> form, T otherwise) {
    String text = valueOf(name);
    return text == null ? otherwise : read(name, text, what, form, otherwise);
  }

  /** The address of a service that is not AWS' own, null where the variable is absent. */
  @Nullable URI endpoint(String name) {
    String text = valueOf(name);
    if (text == null) {
      return null;
    }
    return read(
        name, text, "an address such as http://localhost:4567", Variables::address, URI.create(""));
  }

  /**
   * Whether all that was asked for is there and right.
   *
   * @throws IllegalArgumentException with a line for each variable that isn't
   */
  void check() {
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }

  /**
   * An http or https address with a host.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  static URI address(String text) {
    try {
      URI uri = new URI(text);
      if (uri.getHost() != null
          && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (URISyntaxException otherForm) {
      throw new IllegalArgumentException("not an address", otherForm);
    }
    throw new IllegalArgumentException("not an http or https address");
  }

  private @Nullable String valueOf(String name) {
    String text = environment.get(name);
    return text == null || text.isBlank() ? null : text.strip();
  }

  private <T> T read(String name, String text, String what, Function<String, T> form, T unusable) {
    try {
      return form.apply(text);
    } catch (IllegalArgumentException otherForm) {
      problems.add(name + " is \"" + text + "\": it must be " + what);
      return unusable;
    }
  }
}
