package dev.confab.local.template;

import dev.confab.local.template.Value.Fields;
import dev.confab.local.template.Value.Items;
import dev.confab.local.template.Value.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A template's parameters: their values given, else their defaults. */
final class Parameters {
  private Parameters() {}

  static Map<String, String> resolve(
      TemplateFile file, Map<String, Value> declared, Map<String, String> given) {
    for (String name : given.keySet()) {
      if (!declared.containsKey(name)) {
        throw file.at(1, "Parameters", "there is no " + name + " to give a value for");
      }
    }
    Map<String, String> values = new LinkedHashMap<>();
    declared.forEach(
        (name, declaration) -> {
          String where = "Parameters." + name;
          if (!(declaration instanceof Fields(int line, Map<String, Value> rules))) {
            throw file.at(declaration.line(), where, "must be a mapping");
          }
          String value = given.containsKey(name) ? given.get(name) : textOrNull(rules, "Default");
          if (value == null && isOfAws(rules)) {
            return; // a reference to it is what is refused
          }
          if (value == null) {
            throw file.at(line, where, "has no default: give it a value");
          }
          check(file, where, line, rules, value);
          values.put(name, value);
        });
    return values;
  }

  /** Whether it names a resource that only an account has, such as its networks. */
  private static boolean isOfAws(Map<String, Value> rules) {
    String type = textOrNull(rules, "Type");
    return type != null && type.contains("AWS::EC2::");
  }

  private static void check(
      TemplateFile file, String where, int line, Map<String, Value> rules, String value) {
    if (rules.get("AllowedValues") instanceof Items(_, List<Value> allowed)
        && allowed.stream()
            .noneMatch(one -> one instanceof Text text && text.text().equals(value))) {
      throw file.at(line, where, "'" + value + "' is not one of its AllowedValues");
    }
    String pattern = textOrNull(rules, "AllowedPattern");
    if (pattern != null && !value.matches(pattern)) {
      throw file.at(line, where, "'" + value + "' does not match " + pattern);
    }
  }

  private static @Nullable String textOrNull(Map<String, Value> rules, String name) {
    return rules.get(name) instanceof Text(_, String text) ? text : null;
  }
}
