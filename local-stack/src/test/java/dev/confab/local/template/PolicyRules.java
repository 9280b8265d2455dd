package dev.confab.local.template;

import static dev.confab.local.template.RawTemplate.fields;
import static dev.confab.local.template.RawTemplate.items;
import static dev.confab.local.template.RawTemplate.names;
import static dev.confab.local.template.RawTemplate.text;
import static dev.confab.local.template.RawTemplate.written;

import dev.confab.local.template.Value.Call;
import dev.confab.local.template.Value.Fields;
import dev.confab.local.template.Value.Items;
import dev.confab.local.template.Value.Text;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Nobody may do more than it needs, and where AWS knows no narrower way, a comment says so. */
final class PolicyRules {
  private static final String POLICY = "AWS::IAM::ManagedPolicy";

  /** AWS' own, which nobody reads before they are given. */
  private static final Set<String> KNOWN_OF_AWS =
      Set.of(
          "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs");

  /** Those that allow all but what they name. */
  private static final Set<String> ALL_BUT = Set.of("NotAction", "NotResource", "NotPrincipal");

  private static final List<String> WHO_AND_WHAT = List.of("Principal", "Action", "Resource");

  private final RawTemplate raw;

  private PolicyRules(RawTemplate raw) {
    this.raw = raw;
  }

  static void check(RawTemplate raw) {
    PolicyRules rules = new PolicyRules(raw);
    raw.resources().forEach(rules::statements);
    raw.functions().forEach(rules::function);
    raw.ofType("AWS::IAM::Role")
        .forEach((id, role) -> rules.given(id, items(role, "ManagedPolicyArns")));
    raw.ofType("AWS::EC2::SecurityGroup")
        .forEach(
            (id, group) -> {
              if (group.values().containsKey("SecurityGroupIngress")) {
                raw.complain(id, "lets somebody in: nobody calls the consumers");
              }
            });
  }

  private void function(String id, Fields function) {
    boolean isBound =
        names(function.values().get("PermissionsBoundary")).stream()
            .anyMatch(name -> raw.typeOf(name).equals(POLICY));
    if (!isBound) {
      raw.complain(id, "has no PermissionsBoundary of this template, and SAM gives it more");
    }
    given(
        id,
        items(function, "Policies").stream()
            .filter(
                one -> !(one instanceof Fields policy && policy.values().containsKey("Statement")))
            .toList());
  }

  /** Policies that are somewhere else: of this template, or known. */
  private void given(String id, List<Value> policies) {
    for (Value policy : policies) {
      boolean isOurs = names(policy).stream().anyMatch(name -> raw.typeOf(name).equals(POLICY));
      if (!(isOurs && policy instanceof Call) && !KNOWN_OF_AWS.contains(written(policy))) {
        raw.complain(id, "line " + policy.line() + " gives a policy that is not in this template");
      }
    }
  }

  private void statements(String id, Value value) {
    switch (value) {
      case Fields statement when statement.values().containsKey("Effect") ->
          statement(id, statement);
      case Fields(_, Map<String, Value> fields) ->
          fields.values().forEach(below -> statements(id, below));
      case Items(_, List<Value> items) -> items.forEach(below -> statements(id, below));
      case Call(_, _, Value argument) -> statements(id, argument);
      case Text _ -> {}
    }
  }

  private void statement(String id, Fields statement) {
    boolean allows = !text(statement, "Effect").equals("Deny");
    for (String name : ALL_BUT) {
      if (statement.values().containsKey(name)) {
        raw.complain(id, name + " is as wide as everything else");
      }
    }
    for (String name : WHO_AND_WHAT) {
      Value value = statement.values().get(name);
      if (value != null) {
        wildcards(id, statement, name, value, allows);
      }
    }
    leadingKeys(id, statement, allows);
  }

  private void wildcards(String id, Fields statement, String name, Value value, boolean allows) {
    switch (value) {
      case Text(int line, String text) -> {
        if (text.contains("?")) {
          raw.complain(id, "line " + line + ": nobody sees what " + text + " matches");
        }
        if (text.contains("*") && !isExplained(line, statement)) {
          raw.complain(
              id, "line " + line + " allows or denies " + text + " and no comment says why");
        }
        if (allows && name.equals("Principal") && text.equals("*")) {
          raw.complain(id, "line " + line + " allows everybody");
        }
        if (allows && name.equals("Action") && text.matches("(.*:)?\\*")) {
          raw.complain(id, "line " + line + " allows every action: " + text);
        }
      }
      case Items(_, List<Value> items) ->
          items.forEach(one -> wildcards(id, statement, name, one, allows));
      case Fields(_, Map<String, Value> fields) ->
          fields.values().forEach(one -> wildcards(id, statement, name, one, allows));
      case Call(_, _, Value argument) -> wildcards(id, statement, name, argument, allows);
    }
  }

  /** By a comment behind it, or on the line above, if that is the statement's too. */
  private boolean isExplained(int line, Fields statement) {
    return hasComment(raw.line(line))
        || (line - 1 > statement.line() && raw.line(line - 1).strip().startsWith("#"));
  }

  /** Whether it ends in one: a # within quotes is none. */
  private static boolean hasComment(String line) {
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '#' && i > 0 && line.charAt(i - 1) == ' ') {
        return true;
      }
    }
    return false;
  }

  /** Whoever may reach into the table says which kinds of items; only a boundary need not. */
  private void leadingKeys(String id, Fields statement, boolean allows) {
    boolean isBounded = false;
    for (Value condition : fields(statement, "Condition").values().values()) {
      if (condition instanceof Fields of && of.values().containsKey("dynamodb:LeadingKeys")) {
        isBounded = true;
        for (Value key : items(of, "dynamodb:LeadingKeys")) {
          if (!written(key).matches("[A-Z]+#\\*")) {
            raw.complain(id, "line " + key.line() + ": the keys " + written(key) + " are any");
          }
        }
      }
    }
    boolean isOfTheTable =
        names(statement.values().get("Resource")).contains("ChatTable")
            && !raw.typeOf(id).equals(POLICY);
    if (allows && isOfTheTable && !isBounded) {
      raw.complain(id, "line " + statement.line() + " reaches every item of the table");
    }
  }
}
