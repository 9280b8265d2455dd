package dev.confab.local.template;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Turns YAML with CloudFormation's tags into {@link Value}s, and words complaints about them. */
final class TemplateFile {
  private static final String REF = "Ref";
  private static final String FN = "Fn::";

  /** Those that {@link Resolver} evaluates. */
  private static final Set<String> FUNCTIONS =
      Set.of(REF, "Fn::Sub", "Fn::GetAtt", "Fn::If", "Fn::Equals", "Fn::Not");

  private final String name;

  /**
   * For one file.
   *
   * @param name what complaints call the file
   */
  TemplateFile(String name) {
    this.name = name;
  }

  /** A complaint about a line, for the caller to throw. */
  TemplateException at(int line, String where, String complaint) {
    return new TemplateException(name + ":" + line + ": " + where + ": " + complaint);
  }

  Value.Fields parse(String yaml) {
    Node root;
    try {
      root = new Yaml(new LoaderOptions()).compose(new StringReader(yaml));
    } catch (MarkedYAMLException notYaml) {
      int line = notYaml.getProblemMark() == null ? 1 : notYaml.getProblemMark().getLine() + 1;
      throw at(line, "YAML", String.valueOf(notYaml.getProblem()));
    }
    if (root != null && value(root, "") instanceof Value.Fields fields) {
      return fields;
    }
    throw at(1, "YAML", "a template is a mapping");
  }

  private Value value(Node node, String path) {
    int line = node.getStartMark().getLine() + 1;
    String tag = node.getTag().getValue();
    if (tag.startsWith("!") && tag.length() > 1) {
      String function = tag.equals("!Ref") ? REF : FN + tag.substring(1);
      return call(line, function, untagged(node, path), path);
    }
    Value plain = untagged(node, path);
    if (plain instanceof Value.Fields(_, Map<String, Value> fields) && fields.size() == 1) {
      Map.Entry<String, Value> only = fields.entrySet().iterator().next();
      if (only.getKey().equals(REF) || only.getKey().startsWith(FN)) {
        return call(line, only.getKey(), only.getValue(), path);
      }
    }
    return plain;
  }

  private Value call(int line, String function, Value argument, String path) {
    if (!FUNCTIONS.contains(function)) {
      throw at(line, path, function + " is not supported by local runs");
    }
    return new Value.Call(line, function, argument);
  }

  private Value untagged(Node node, String path) {
    int line = node.getStartMark().getLine() + 1;
    return switch (node) {
      case ScalarNode scalar -> new Value.Text(line, scalar.getValue());
      case SequenceNode sequence -> {
        List<Value> values = new ArrayList<>();
        for (Node item : sequence.getValue()) {
          values.add(value(item, path));
        }
        yield new Value.Items(line, List.copyOf(values));
      }
      case MappingNode mapping -> new Value.Fields(line, fields(mapping, path));
      default -> throw at(line, path, "unexpected YAML");
    };
  }

  private Map<String, Value> fields(MappingNode mapping, String path) {
    Map<String, Value> fields = new LinkedHashMap<>();
    for (NodeTuple field : mapping.getValue()) {
      int line = field.getKeyNode().getStartMark().getLine() + 1;
      if (!(field.getKeyNode() instanceof ScalarNode key)) {
        throw at(line, path, "a key must be text");
      }
      String below = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
      if (fields.put(key.getValue(), value(field.getValueNode(), below)) != null) {
        throw at(line, below, "is there twice");
      }
    }
    return fields;
  }
}
