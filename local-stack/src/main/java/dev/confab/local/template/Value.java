package dev.confab.local.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A value in the template. Every kind knows the line it starts at, counted from 1. */
sealed interface Value {
  int line();

  /** A scalar, whatever its YAML type: CloudFormation takes text for numbers and truths. */
  record Text(int line, String text) implements Value {}

  record Items(int line, List<Value> values) implements Value {}

  /**
   * A mapping.
   *
   * @param values in the file's order
   */
  record Fields(int line, Map<String, Value> values) implements Value {}

  /**
   * An intrinsic function, in its long or short form.
   *
   * @param function {@code Ref} or {@code Fn::…}
   */
  record Call(int line, String function, Value argument) implements Value {}

  /**
   * As SAM merges its globals: mappings key by key, lists one after the other, and else the
   * resource's own value wins.
   */
  static Value merge(Value global, Value own) {
    if (global instanceof Fields(_, Map<String, Value> globals)
        && own instanceof Fields(int line, Map<String, Value> owns)) {
      Map<String, Value> merged = new LinkedHashMap<>(globals);
      owns.forEach((key, value) -> merged.merge(key, value, Value::merge));
      return new Fields(line, merged);
    }
    if (global instanceof Items(_, List<Value> first)
        && own instanceof Items(int line, List<Value> second)) {
      return new Items(line, Stream.concat(first.stream(), second.stream()).toList());
    }
    return own;
  }
}
