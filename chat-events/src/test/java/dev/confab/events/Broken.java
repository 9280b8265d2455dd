package dev.confab.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A good object with one field left out or wrong: what a schema and a codec have to agree about.
 *
 * @param what is wrong, for people
 */
record Broken(String what, ObjectNode json) {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Each is wrong for most fields. */
  private static final List<JsonNode> WRONG =
      List.of(
          NODES.textNode(""),
          NODES.textNode("#"),
          NODES.textNode("\u0000"),
          NODES.textNode("START"),
          NODES.textNode("x".repeat(20_000)),
          NODES.textNode("x".repeat(200_000)),
          NODES.numberNode(-1),
          NODES.numberNode(7),
          NODES.numberNode(1.5),
          NODES.numberNode(new BigInteger("9".repeat(30))),
          NODES.booleanNode(true),
          NODES.booleanNode(false),
          NODES.nullNode(),
          NODES.arrayNode(),
          NODES.arrayNode().add(1),
          NODES.arrayNode().add("#"),
          NODES.objectNode(),
          NODES.objectNode().put("#", "START"));

  /**
   * Every way to break an object.
   *
   * @param except fields to leave as they are
   */
  static List<Broken> of(ObjectNode good, Set<String> except) {
    List<Broken> all = new ArrayList<>();
    for (String field : (Iterable<String>) good::fieldNames) {
      if (except.contains(field)) {
        continue;
      }
      all.add(new Broken("without " + field, good.deepCopy().without(field)));
      for (JsonNode wrong : WRONG) {
        ObjectNode json = good.deepCopy();
        json.set(field, wrong);
        all.add(new Broken(field + " = " + abbreviated(wrong), json));
      }
    }
    return all;
  }

  private static String abbreviated(JsonNode node) {
    String text = node.toString();
    return text.length() > 40 ? text.substring(0, 40) + "… (" + text.length() + ")" : text;
  }
}
