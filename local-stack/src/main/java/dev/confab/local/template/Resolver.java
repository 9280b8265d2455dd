package dev.confab.local.template;

import dev.confab.local.template.Value.Call;
import dev.confab.local.template.Value.Fields;
import dev.confab.local.template.Value.Items;
import dev.confab.local.template.Value.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Evaluates intrinsic functions for one machine. */
final class Resolver {
  /** What a resource is to the values that refer to it. */
  interface References {
    /** What {@code Ref} gives, or null when the name is no resource that runs locally. */
    @Nullable String ref(String name);

    /** What {@code GetAtt} gives, or null when there is none. */
    @Nullable String attribute(String logicalId, String attribute);
  }

  private static final String NO_VALUE = "AWS::NoValue";
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(!?)([^}]+)}");

  private final TemplateFile file;
  private final LocalValues local;
  private final Map<String, String> parameters;
  private final Map<String, Boolean> conditions = new LinkedHashMap<>();
  private final References references;

  Resolver(
      TemplateFile file, LocalValues local, Map<String, String> parameters, References references) {
    this.file = file;
    this.local = local;
    this.parameters = parameters;
    this.references = references;
  }

  /** Evaluates the template's conditions, of which {@code If} may then speak. */
  void conditions(Map<String, Value> declared) {
    declared.forEach(
        (name, value) -> {
          String where = "Conditions." + name;
          conditions.put(name, isTrue(value, where));
        });
  }

  private boolean isTrue(Value condition, String where) {
    if (condition instanceof Call(_, String function, Value argument)) {
      if (function.equals("Fn::Equals")) {
        List<Value> sides = arguments(argument, 2, where, function);
        return text(sides.get(0), where).equals(text(sides.get(1), where));
      }
      if (function.equals("Fn::Not")) {
        return !isTrue(arguments(argument, 1, where, function).getFirst(), where);
      }
    }
    throw file.at(
        condition.line(), where, "only Fn::Equals and Fn::Not are supported by local runs");
  }

  boolean holds(String condition, int line, String where) {
    Boolean holds = conditions.get(condition);
    if (holds == null) {
      throw file.at(line, where, "there is no condition " + condition);
    }
    return holds;
  }

  /**
   * What the value is once its function, if it is one, is evaluated; null for {@code AWS::NoValue}.
   * What lies inside a list or a mapping is left for whoever reads it: much of it has no value
   * here.
   */
  @Nullable Value resolve(Value value, String where) {
    return value instanceof Call call ? evaluate(call, where) : value;
  }

  private @Nullable Value evaluate(Call call, String where) {
    return switch (call.function()) {
      case "Ref" -> {
        String name = text(call.argument(), where);
        yield name.equals(NO_VALUE)
            ? null
            : new Text(call.line(), local.localize(ref(name, call.line(), where)));
      }
      case "Fn::Sub" -> new Text(call.line(), local.localize(substitute(call, where)));
      case "Fn::GetAtt" -> new Text(call.line(), attribute(call, where));
      case "Fn::If" -> {
        List<Value> parts = arguments(call.argument(), 3, where, "Fn::If");
        boolean holds = holds(text(parts.get(0), where), call.line(), where);
        yield resolve(parts.get(holds ? 1 : 2), where);
      }
      default ->
          throw file.at(call.line(), where, call.function() + " can only stand in a condition");
    };
  }

  private String ref(String name, int line, String where) {
    String pseudo = pseudo(name);
    if (pseudo != null) {
      return pseudo;
    }
    String parameter = parameters.get(name);
    if (parameter != null) {
      return parameter;
    }
    String resource = references.ref(name);
    if (resource == null) {
      throw file.at(line, where, "Ref " + name + " has no value in local runs");
    }
    return resource;
  }

  private @Nullable String pseudo(String name) {
    return switch (name) {
      case "AWS::StackName" -> local.stackName();
      case "AWS::Region" -> local.region();
      case "AWS::AccountId" -> local.accountId();
      case "AWS::Partition" -> LocalValues.PARTITION;
      case "AWS::URLSuffix" -> LocalValues.URL_SUFFIX;
      default -> null;
    };
  }

  private String attribute(Call call, String where) {
    String path;
    if (call.argument() instanceof Items) {
      List<Value> parts = arguments(call.argument(), 2, where, "Fn::GetAtt");
      path = text(parts.get(0), where) + "." + text(parts.get(1), where);
    } else {
      path = text(call.argument(), where);
    }
    return attribute(path, call.line(), where);
  }

  private String attribute(String path, int line, String where) {
    int dot = path.indexOf('.');
    String found =
        dot < 0 ? null : references.attribute(path.substring(0, dot), path.substring(dot + 1));
    if (found == null) {
      throw file.at(line, where, "GetAtt " + path + " has no value in local runs");
    }
    return found;
  }

  private String substitute(Call call, String where) {
    Map<String, String> own = new LinkedHashMap<>();
    Value pattern = call.argument();
    if (pattern instanceof Items) {
      List<Value> parts = arguments(pattern, 2, where, "Fn::Sub");
      pattern = parts.get(0);
      if (!(parts.get(1) instanceof Fields(_, Map<String, Value> variables))) {
        throw file.at(call.line(), where, "Fn::Sub takes a mapping of variables");
      }
      variables.forEach((name, value) -> own.put(name, text(value, where)));
    }
    Matcher variable = VARIABLE.matcher(text(pattern, where));
    StringBuilder result = new StringBuilder();
    while (variable.find()) {
      String name = variable.group(2).strip();
      String value;
      if (!variable.group(1).isEmpty()) {
        value = "${" + name + "}"; // ${!Literal}
      } else if (own.containsKey(name)) {
        value = own.get(name);
      } else if (name.contains(".")) {
        value = attribute(name, call.line(), where);
      } else {
        value = ref(name, call.line(), where);
      }
      variable.appendReplacement(result, Matcher.quoteReplacement(value));
    }
    return variable.appendTail(result).toString();
  }

  /** The value as text. */
  String text(Value value, String where) {
    if (resolve(value, where) instanceof Text(_, String text)) {
      return text;
    }
    throw file.at(value.line(), where, "must be text");
  }

  private List<Value> arguments(Value argument, int count, String where, String function) {
    if (argument instanceof Items(_, List<Value> values) && values.size() == count) {
      return values;
    }
    throw file.at(argument.line(), where, function + " takes a list of " + count);
  }
}
