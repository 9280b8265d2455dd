package dev.confab.consumer;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The environment while a configuration is read from it. Collects what is wrong, so that whoever
 * starts a consumer hears of all of it at once, a line each:
 *
 * <pre>{@code
 * Environment environment = new Environment(variables);
 * String table = environment.required("TABLE_NAME", "the DynamoDB table's name");
 * environment.check(); // throws, naming every variable that is missing or bad
 * }</pre>
 *
 * <p>Until {@link #check} returns, a value may be a stand-in. For one thread.
 */
public final class Environment {
  private final Map<String, String> variables;
  private final List<String> problems = new ArrayList<>();

  public Environment(Map<String, String> variables) {
    this.variables = variables;
  }

  /** Thrown by {@link #check}; the message has a line for each problem. */
  public static final class InvalidEnvironmentException extends RuntimeException {
    private static final long serialVersionUID = 1;

    InvalidEnvironmentException(List<String> problems) {
      super(String.join(System.lineSeparator(), problems));
    }
  }

  /**
   * A text that must be there.
   *
   * @param meaning for the message, such as "the stream's name"
   */
  public String required(String name, String meaning) {
    return required(name, "", text -> text, meaning);
  }

  /**
   * A variable that must be there.
   *
   * @param standIn what to return where there is none, until {@link #check} says so
   * @param form reads it; an exception says that it's bad
   * @param meaning for the message, such as "a duration like PT10S"
   */
  public <T> T required(
      String name, T standIn, Function<String, ? extends T> form, String meaning) {
    if (variables.getOrDefault(name, "").isBlank()) {
      problems.add(name + " is not set: it must be " + meaning);
    }
    return optional(name, standIn, form, meaning);
  }

  /**
   * A variable that may be absent.
   *
   * @param form reads it; an exception says that it's bad
   * @param meaning for the message, such as "a duration like PT10S"
   */
  public <T extends @Nullable Object> T optional(
      String name, T otherwise, Function<String, ? extends T> form, String meaning) {
    String value = variables.getOrDefault(name, "");
    if (value.isBlank()) {
      return otherwise;
    }
    try {
      return form.apply(value);
    } catch (RuntimeException otherForm) {
      problems.add(name + " is \"" + value + "\": it must be " + meaning);
      return otherwise;
    }
  }

  /**
   * The address of a service that isn't where AWS has it.
   *
   * @return null where it isn't set
   */
  public @Nullable URI address(String name) {
    return optional(name, null, Environment::parseAddress, "a URL, such as http://localhost:4567");
  }

  private static URI parseAddress(String text) {
    URI uri = URI.create(text);
    if (uri.getHost() == null || !List.of("http", "https").contains(uri.getScheme())) {
      throw new IllegalArgumentException(text);
    }
    return uri;
  }

  /**
   * Says what is wrong, if anything is.
   *
   * @throws InvalidEnvironmentException naming each variable that is missing or bad
   */
  public void check() {
    if (!problems.isEmpty()) {
      throw new InvalidEnvironmentException(problems);
    }
  }
}
