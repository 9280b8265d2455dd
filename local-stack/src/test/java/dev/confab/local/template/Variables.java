package dev.confab.local.template;

import dev.confab.consumer.Environment.InvalidEnvironmentException;
import dev.confab.fanout.FanoutConsumer;
import dev.confab.persist.PersistConfig;
import java.lang.reflect.InvocationTargetException;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which variables a part of the system asks for. Each is started on an empty environment that
 * writes down the questions: all of them read everything before they say what is missing.
 */
final class Variables extends AbstractMap<String, String> {
  private final Set<String> asked = new TreeSet<>();

  private Variables() {}

  @Override
  public @Nullable String get(Object name) {
    asked.add(name.toString());
    return null;
  }

  @Override
  public String getOrDefault(Object name, String otherwise) {
    asked.add(name.toString());
    return otherwise;
  }

  @Override
  public Set<Map.Entry<String, String>> entrySet() {
    return Set.of();
  }

  static Set<String> readByHandler(String className) {
    Variables variables = new Variables();
    try {
      Class.forName(className).getConstructor(Map.class).newInstance(variables);
    } catch (InvocationTargetException refused) {
      if (!(refused.getCause() instanceof IllegalArgumentException)) {
        throw new IllegalStateException(refused);
      }
      return variables.asked;
    } catch (ReflectiveOperationException noHandler) {
      return Set.of(); // which is a breach of its own
    }
    throw new IllegalStateException(className + " takes an empty environment");
  }

  static Set<String> readByPersist() {
    Variables variables = new Variables();
    try {
      PersistConfig.from(variables);
    } catch (InvalidEnvironmentException refused) {
      return variables.asked;
    }
    throw new IllegalStateException("persist takes an empty environment");
  }

  static Set<String> readByFanout() {
    Variables variables = new Variables();
    try (FanoutConsumer _ = FanoutConsumer.start(variables)) {
      throw new IllegalStateException("the fan-out takes an empty environment");
    } catch (InvalidEnvironmentException refused) {
      return variables.asked;
    }
  }
}
