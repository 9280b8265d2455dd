package dev.confab.local.template;

import dev.confab.local.template.Value.Fields;
import dev.confab.local.template.Value.Items;
import dev.confab.local.template.Value.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A mapping of the template, read by name; what isn't as it must be is complained about. */
final class Properties {
  private final TemplateFile file;
  private final Resolver resolver;
  private final String where;
  private final Fields fields;

  /**
   * For one mapping.
   *
   * @param where the resource and the path below it
   */
  Properties(TemplateFile file, Resolver resolver, String where, Fields fields) {
    this.file = file;
    this.resolver = resolver;
    this.where = where;
    this.fields = fields;
  }

  /** Refuses by name every property but these: it would be left out without a word. */
  void allow(Set<String> read, Set<String> withoutEffectHere) {
    fields
        .values()
        .forEach(
            (name, value) -> {
              if (!read.contains(name) && !withoutEffectHere.contains(name)) {
                throw file.at(value.line(), where, name + " is not supported by local runs");
              }
            });
  }

  TemplateException complaint(String complaint) {
    return file.at(fields.line(), where, complaint);
  }

  TemplateException complaint(String name, String complaint) {
    Value value = fields.values().get(name);
    return file.at(value == null ? fields.line() : value.line(), where + "." + name, complaint);
  }

  private @Nullable Value value(String name) {
    Value value = fields.values().get(name);
    return value == null ? null : resolver.resolve(value, where + "." + name);
  }

  boolean has(String name) {
    return value(name) != null;
  }

  String text(String name) {
    String text = textOrNull(name);
    if (text == null) {
      throw complaint(name, "is missing");
    }
    return text;
  }

  String text(String name, String fallback) {
    String text = textOrNull(name);
    return text == null ? fallback : text;
  }

  @Nullable String textOrNull(String name) {
    return switch (value(name)) {
      case null -> null;
      case Text(_, String text) -> text;
      default -> throw complaint(name, "must be text");
    };
  }

  int number(String name, int fallback) {
    String text = textOrNull(name);
    try {
      return text == null ? fallback : Integer.parseInt(text);
    } catch (NumberFormatException notANumber) {
      throw complaint(name, "must be a whole number, not '" + text + "'");
    }
  }

  /** Empty when it is missing. */
  Properties object(String name) {
    return switch (value(name)) {
      case null -> below(name, new Fields(fields.line(), Map.of()));
      case Fields object -> below(name, object);
      default -> throw complaint(name, "must be a mapping");
    };
  }

  /** Empty when it is missing. */
  List<Properties> objects(String name) {
    List<Properties> objects = new ArrayList<>();
    for (Value item : items(name)) {
      if (!(item instanceof Fields object)) {
        throw complaint(name, "must be a list of mappings");
      }
      objects.add(below(name, object));
    }
    return objects;
  }

  /** Empty when it is missing. */
  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    for (Value item : items(name)) {
      if (!(item instanceof Text(_, String text))) {
        throw complaint(name, "must be a list of texts");
      }
      texts.add(text);
    }
    return texts;
  }

  private List<Value> items(String name) {
    return switch (value(name)) {
      case null -> List.of();
      case Items(_, List<Value> items) -> {
        List<Value> resolved = new ArrayList<>();
        for (Value item : items) {
          Value one = resolver.resolve(item, where + "." + name);
          if (one != null) {
            resolved.add(one);
          }
        }
        yield resolved;
      }
      default -> throw complaint(name, "must be a list");
    };
  }

  /** Every field, each of which must be a mapping. */
  Map<String, Properties> namedObjects() {
    Map<String, Properties> named = new LinkedHashMap<>();
    fields.values().keySet().forEach(name -> named.put(name, object(name)));
    return named;
  }

  /** Every field, each of which must be text; those without a value are left out. */
  Map<String, String> namedTexts() {
    Map<String, String> named = new LinkedHashMap<>();
    for (String name : fields.values().keySet()) {
      String text = textOrNull(name);
      if (text != null) {
        named.put(name, text);
      }
    }
    return named;
  }

  private Properties below(String name, Fields object) {
    return new Properties(file, resolver, where + "." + name, object);
  }
}
