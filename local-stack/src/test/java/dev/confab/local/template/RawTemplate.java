package dev.confab.local.template;

import dev.confab.local.template.Value.Call;
import dev.confab.local.template.Value.Fields;
import dev.confab.local.template.Value.Items;
import dev.confab.local.template.Value.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A template as it is written, before anything in it is resolved, and what its rules say of it. */
final class RawTemplate {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^!}]+)}");

  /** From 1, as {@link Value#line()} counts. */
  private final List<String> lines;

  private final Map<String, Fields> resources = new LinkedHashMap<>();
  private final Fields parameters;
  private final Fields functionGlobals;
  private final List<String> complaints = new ArrayList<>();

  RawTemplate(String yaml) {
    lines = yaml.lines().toList();
    Fields root = new TemplateFile("template.yaml").parse(yaml);
    fields(root, "Resources")
        .values()
        .forEach((id, resource) -> resources.put(id, (Fields) resource));
    parameters = fields(root, "Parameters");
    functionGlobals = fields(fields(root, "Globals"), "Function");
  }

  void complain(String id, String complaint) {
    complaints.add(id + ": " + complaint);
  }

  List<String> complaints() {
    return List.copyOf(complaints);
  }

  String line(int number) {
    return number < 1 ? "" : lines.get(number - 1);
  }

  /** By logical id, each with its Type, its Properties and the rest. */
  Map<String, Fields> resources() {
    return resources;
  }

  Fields parameters() {
    return parameters;
  }

  /** The type of the resource; empty if there is none. */
  String typeOf(String id) {
    Fields resource = resources.get(id);
    return resource == null ? "" : text(resource, "Type");
  }

  /** Whether it may be left out. */
  boolean isConditional(String id) {
    Fields resource = resources.get(id);
    return resource == null || resource.values().containsKey("Condition");
  }

  /** The properties of all resources of a type. */
  Map<String, Fields> ofType(String type) {
    Map<String, Fields> found = new LinkedHashMap<>();
    resources.forEach(
        (id, resource) -> {
          if (typeOf(id).equals(type)) {
            found.put(id, fields(resource, "Properties"));
          }
        });
    return found;
  }

  /** The properties of all functions, as SAM merges them with the globals. */
  Map<String, Fields> functions() {
    Map<String, Fields> functions = ofType("AWS::Serverless::Function");
    functions.replaceAll((_, own) -> (Fields) Value.merge(functionGlobals, own));
    return functions;
  }

  /**
   * The value as a Sub would write it: {@code ${Name}} for a Ref, {@code ${Name.Attribute}} for a
   * GetAtt, text as it is; empty for anything else.
   */
  static String written(@Nullable Value value) {
    return switch (value) {
      case Text(_, String text) -> text;
      case Call(_, String function, Text(_, String argument)) ->
          switch (function) {
            case "Ref", "Fn::GetAtt" -> "${" + argument + "}";
            case "Fn::Sub" -> argument;
            default -> "";
          };
      case null, default -> "";
    };
  }

  /** What a Ref or GetAtt speaks of: a logical id or a parameter. */
  static Optional<String> reference(@Nullable Value value) {
    return value instanceof Call(_, String function, Text(_, String _))
            && !function.equals("Fn::Sub")
        ? names(value).stream().findFirst()
        : Optional.empty();
  }

  /** Every logical id and parameter that the value speaks of, however deep within. */
  static Set<String> names(@Nullable Value value) {
    Set<String> names = new LinkedHashSet<>();
    collect(value, names);
    return names;
  }

  private static void collect(@Nullable Value value, Set<String> names) {
    switch (value) {
      case Call call when call.argument() instanceof Text ->
          VARIABLE
              .matcher(written(call))
              .results()
              .map((MatchResult variable) -> variable.group(1).split("\\.", 2)[0])
              .forEach(names::add);
      case Call(_, _, Value argument) -> collect(argument, names);
      case Fields(_, Map<String, Value> below) ->
          below.values().forEach(one -> collect(one, names));
      case Items(_, List<Value> items) -> items.forEach(one -> collect(one, names));
      case null, default -> {}
    }
  }

  /** The value, or those that it may be by an If; none for {@code AWS::NoValue}. */
  static Stream<Value> alternatives(@Nullable Value value) {
    return switch (value) {
      case null -> Stream.of();
      case Call(_, String function, Items(_, List<Value> parts)) when function.equals("Fn::If") ->
          parts.stream().skip(1).flatMap(RawTemplate::alternatives);
      case Call call when written(call).equals("${AWS::NoValue}") -> Stream.of();
      default -> Stream.of(value);
    };
  }

  /** The items of a list, or of the lists that it may be, and what each may be. */
  static List<Value> items(Fields parent, String name) {
    return alternatives(parent.values().get(name))
        .flatMap(
            one -> one instanceof Items(_, List<Value> items) ? items.stream() : Stream.of(one))
        .flatMap(RawTemplate::alternatives)
        .toList();
  }

  /** Those items that are mappings. */
  static List<Fields> objects(Fields parent, String name) {
    return items(parent, name).stream()
        .filter(Fields.class::isInstance)
        .map(Fields.class::cast)
        .toList();
  }

  /** Empty where there is none. */
  static Fields fields(Fields parent, String name) {
    return parent.values().get(name) instanceof Fields fields ? fields : new Fields(0, Map.of());
  }

  /** Empty where there is none. */
  static String text(Fields parent, String name) {
    return parent.values().get(name) instanceof Text(_, String text) ? text : "";
  }
}
