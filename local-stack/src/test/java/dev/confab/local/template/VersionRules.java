package dev.confab.local.template;

import static dev.confab.local.template.RawTemplate.fields;
import static dev.confab.local.template.RawTemplate.items;
import static dev.confab.local.template.RawTemplate.names;
import static dev.confab.local.template.RawTemplate.reference;
import static dev.confab.local.template.RawTemplate.text;
import static dev.confab.local.template.RawTemplate.written;

import dev.confab.local.template.Value.Call;
import dev.confab.local.template.Value.Fields;
import dev.confab.local.template.Value.Items;
import dev.confab.local.template.Value.Text;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A change of a function reaches who calls it, by a new version, after the consumers have theirs;
 * and goes back if it is bad.
 */
final class VersionRules {
  /** What a Number takes at most where it is written out, and its parameter names no values. */
  private static final int NUMBER_CHARS = 20;

  /** And text without a MaxLength: more than fits anywhere. */
  private static final int TEXT_CHARS = 10_000;

  private static final int VERSION_DESCRIPTION_CHARS = 256;
  private static final int POLICY_DESCRIPTION_CHARS = 1000;

  private static final Fields NOTHING = new Fields(0, Map.of());

  private final RawTemplate raw;

  private VersionRules(RawTemplate raw) {
    this.raw = raw;
  }

  static void check(RawTemplate raw) {
    VersionRules rules = new VersionRules(raw);
    raw.ofType("AWS::Serverless::WebSocketApi").forEach(rules::api);
    raw.functions().forEach(rules::function);
  }

  private void api(String id, Fields api) {
    fields(api, "Routes")
        .values()
        .forEach(
            (key, route) -> {
              if (route instanceof Fields fields) {
                published(id + "." + key, fields.values().get("FunctionArn"));
              }
            });
    published(id + ".Auth", fields(api, "Auth").values().get("AuthArn"));
  }

  /** Only a version has a snapshot, and only an alias moves from one to the next. */
  private void published(String id, @Nullable Value function) {
    if (!written(function).endsWith(".Alias}")) {
      raw.complain(id, "calls no alias of a function");
    }
  }

  private void function(String id, Fields function) {
    if (!text(fields(function, "SnapStart"), "ApplyOn").equals("PublishedVersions")) {
      raw.complain(id, "has no snapshot to start from");
    }
    if (!text(function, "AutoPublishAliasAllProperties").equals("true")) {
      raw.complain(id, "a change of its properties is no new version");
    }
    if (items(fields(function, "DeploymentPreference"), "Alarms").stream()
        .noneMatch(one -> raw.typeOf(reference(one).orElse("")).equals("AWS::CloudWatch::Alarm"))) {
      raw.complain(id, "no alarm takes a version back");
    }
    described(id, function);
    if (puts(function.values().get("Policies"))) {
      Fields resource = raw.resources().getOrDefault(id, NOTHING);
      List<String> before =
          items(resource, "DependsOn").stream().map(RawTemplate::written).toList();
      raw.ofType("AWS::ECS::Service").keySet().stream()
          .filter(service -> !before.contains(service))
          .forEach(
              service ->
                  raw.complain(
                      id, "may put what " + service + " of the same commit does not know"));
    }
  }

  /** Whether the policies let somebody put on a stream. */
  private static boolean puts(@Nullable Value policies) {
    return switch (policies) {
      case Text(_, String text) -> text.startsWith("kinesis:Put");
      case Items(_, List<Value> items) -> items.stream().anyMatch(VersionRules::puts);
      case Fields(_, Map<String, Value> fields) ->
          fields.values().stream().anyMatch(VersionRules::puts);
      case Call(_, _, Value argument) -> puts(argument);
      case null -> false;
    };
  }

  /**
   * SAM hashes names of parameters, not their values: those of the environment must be in the
   * version's description, or in that of a policy by whose name it is described.
   */
  private void described(String id, Fields function) {
    Set<String> shown = new LinkedHashSet<>();
    Value description = function.values().get("VersionDescription");
    for (String name : names(description)) {
      shown.add(name);
      if (raw.typeOf(name).equals("AWS::IAM::ManagedPolicy")) {
        Value ofPolicy =
            raw.ofType("AWS::IAM::ManagedPolicy")
                .getOrDefault(name, NOTHING)
                .values()
                .get("Description");
        shown.addAll(names(ofPolicy));
        fits(name, ofPolicy, POLICY_DESCRIPTION_CHARS);
      }
    }
    fits(id, description, VERSION_DESCRIPTION_CHARS);
    for (String parameter : names(fields(function, "Environment"))) {
      if (raw.parameters().values().containsKey(parameter) && !shown.contains(parameter)) {
        raw.complain(id, "a change of " + parameter + " is no new version");
      }
    }
  }

  private void fits(String id, @Nullable Value description, int most) {
    int chars = written(description).replaceAll("\\$\\{[^}]*}", "").length();
    for (String name : names(description)) {
      if (raw.parameters().values().get(name) instanceof Fields parameter) {
        chars += longest(parameter);
      }
    }
    if (chars > most) {
      raw.complain(id, "its description may take more than " + most + " characters");
    }
  }

  private static int longest(Fields parameter) {
    if (parameter.values().get("AllowedValues") instanceof Items(_, List<Value> allowed)) {
      return allowed.stream().mapToInt(one -> written(one).length()).max().orElse(0);
    }
    if (text(parameter, "Type").equals("Number")) {
      return NUMBER_CHARS;
    }
    String most = text(parameter, "MaxLength");
    return most.isEmpty() ? TEXT_CHARS : Integer.parseInt(most);
  }
}
