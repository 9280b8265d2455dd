package dev.confab.local.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What an authorizer answered.
 *
 * @param context {@code principalId} and the answer's {@code context}, every value as a string: as
 *     API Gateway passes them on
 * @param statements in the answer's order
 */
record Policy(Map<String, String> context, List<Statement> statements) {
  /** API Gateway's quota for an authorizer's result. */
  private static final int MAX_BYTES = 8 * 1024;

  private static final String INVOKE = "execute-api:Invoke";
  private static final ObjectMapper JSON = new ObjectMapper();

  record Statement(boolean allows, List<String> actions, List<String> resources) {
    boolean covers(String resource) {
      return actions.stream().anyMatch(action -> matches(action, INVOKE, true))
          && resources.stream().anyMatch(pattern -> matches(pattern, resource, false));
    }
  }

  /**
   * Reads an authorizer's answer.
   *
   * @throws IllegalArgumentException says what is wrong with it; API Gateway answers its client 500
   */
  static Policy parse(String answer) {
    int bytes = answer.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "the authorizer's answer has " + bytes + " bytes, above " + MAX_BYTES);
    }
    JsonNode root;
    try {
      root = JSON.readTree(answer);
    } catch (IOException notJson) {
      throw new IllegalArgumentException("the authorizer's answer is not JSON", notJson);
    }
    if (!root.path("principalId").isTextual()) {
      throw new IllegalArgumentException("the authorizer's answer has no principalId");
    }
    Map<String, String> context = new LinkedHashMap<>();
    context.put("principalId", root.get("principalId").textValue());
    for (Map.Entry<String, JsonNode> value : root.path("context").properties()) {
      if (!value.getValue().isValueNode()) {
        throw new IllegalArgumentException(
            "the authorizer's context." + value.getKey() + " is not a string, number or boolean");
      }
      context.put(value.getKey(), value.getValue().asText());
    }
    List<Statement> statements = new ArrayList<>();
    for (JsonNode statement : oneOrMany(root.path("policyDocument").path("Statement"))) {
      statements.add(parseStatement(statement));
    }
    return new Policy(Map.copyOf(context), List.copyOf(statements));
  }

  private static Statement parseStatement(JsonNode statement) {
    String effect = statement.path("Effect").asText();
    if (!effect.equals("Allow") && !effect.equals("Deny")) {
      throw new IllegalArgumentException(
          "a statement's Effect must be Allow or Deny, not '" + effect + "'");
    }
    return new Statement(
        effect.equals("Allow"), texts(statement.path("Action")), texts(statement.path("Resource")));
  }

  /** As IAM decides: a deny wins, and what no statement covers is denied. */
  boolean allows(String resource) {
    boolean allowed = false;
    for (Statement statement : statements) {
      if (statement.covers(resource)) {
        if (!statement.allows()) {
          return false;
        }
        allowed = true;
      }
    }
    return allowed;
  }

  private static List<JsonNode> oneOrMany(JsonNode node) {
    if (node.isMissingNode()) {
      return List.of();
    }
    return node.isArray() ? node.valueStream().toList() : List.of(node);
  }

  private static List<String> texts(JsonNode node) {
    return oneOrMany(node).stream().map(JsonNode::asText).toList();
  }

  private static boolean matches(String pattern, String value, boolean ignoreCase) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      switch (c) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    int flags = ignoreCase ? Pattern.CASE_INSENSITIVE : 0;
    return Pattern.compile(regex.toString(), flags).matcher(value).matches();
  }
}
