package dev.confab.local.template;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.confab.events.ClientFrame;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What must hold in a template that is to be deployed, beyond what CloudFormation and its linter
 * would say: both are content with a policy that allows all, and with a queue that nobody watches.
 */
final class TemplateRules {
  /** What AWS sets for a function, and for a container whose template names it. */
  private static final Set<String> OF_THE_FUNCTION = Set.of("AWS_REGION");

  /** What Java itself reads. */
  private static final String JAVA_OPTIONS = "JAVA_TOOL_OPTIONS";

  /** What only a local run or a test sets. */
  private static final Pattern LOCAL_ONLY =
      Pattern.compile("AWS_ENDPOINT_URL_[A-Z0-9]+|WORKER_ID|FAILOVER|METRICS_TO");

  private final RawTemplate raw;
  private final Template template;

  private TemplateRules(String yaml) {
    raw = new RawTemplate(yaml);
    template =
        TemplateReader.read("template.yaml", yaml, TemplateTest.LOCAL, TemplateTest.PARAMETERS);
  }

  /** Every breach, a line each that names where it is; empty for a template that may go out. */
  static List<String> breaches(String yaml) {
    TemplateRules rules;
    try {
      rules = new TemplateRules(yaml);
    } catch (TemplateException refused) { // routes and their responses are checked by every reader
      return List.of(String.valueOf(refused.getMessage()));
    }
    rules.handlers();
    rules.variables();
    rules.actions();
    VersionRules.check(rules.raw);
    DataRules.check(rules.raw);
    AlarmRules.check(rules.raw, rules.template);
    PolicyRules.check(rules.raw);
    LogRules.check(rules.raw);
    return rules.raw.complaints();
  }

  private void handlers() {
    template
        .functions()
        .forEach(
            (id, function) -> {
              try {
                var _ =
                    Class.forName(function.handlerClass())
                        .asSubclass(RequestStreamHandler.class)
                        .getConstructor();
              } catch (ReflectiveOperationException | ClassCastException unusable) {
                raw.complain(id, function.handlerClass() + " is no handler: " + unusable);
              }
            });
  }

  private void variables() {
    template
        .functions()
        .forEach(
            (id, function) ->
                compare(
                    id,
                    function.environment().keySet(),
                    Variables.readByHandler(function.handlerClass()),
                    OF_THE_FUNCTION));
    template
        .tasks()
        .forEach((id, task) -> compare(id, task.environment().keySet(), task(id), Set.of()));
  }

  private static Set<String> task(String id) {
    return switch (id) {
      case "PersistTask" -> Variables.readByPersist();
      case "FanoutTask" -> Variables.readByFanout();
      default -> throw new IllegalArgumentException("what does " + id + " run?");
    };
  }

  private void compare(String id, Set<String> set, Set<String> read, Set<String> setByAws) {
    for (String name : read) {
      if (!set.contains(name) && !setByAws.contains(name) && !LOCAL_ONLY.matcher(name).matches()) {
        raw.complain(id, name + " is read, but not set");
      }
    }
    for (String name : set) {
      if (!read.contains(name) && !name.equals(JAVA_OPTIONS)) {
        raw.complain(id, name + " is set, but nothing reads it");
      }
    }
  }

  private void actions() {
    String api = template.api().logicalId();
    for (Class<?> frame : ClientFrame.class.getPermittedSubclasses()) {
      String name = frame.getSimpleName();
      String action = name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
      Template.Route route = template.api().routes().get(action);
      if (route == null) {
        raw.complain(api, "the action " + action + " has no route");
      } else if (!route.twoWay()) {
        raw.complain(api, "the route " + action + " has no route response");
      }
    }
  }
}
