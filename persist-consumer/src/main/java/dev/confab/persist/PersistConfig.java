package dev.confab.persist;

import dev.confab.consumer.ConsumerConfig;
import dev.confab.consumer.Environment;
import java.util.Map;

/**
 * What persist is told by its environment.
 *
 * @param tableName where it stores
 */
public record PersistConfig(ConsumerConfig consumer, String tableName) {

  /**
   * From the variables of a process.
   *
   * @throws Environment.InvalidEnvironmentException naming each that is missing or bad
   */
  public static PersistConfig from(Map<String, String> variables) {
    Environment environment = new Environment(variables);
    PersistConfig config =
        new PersistConfig(
            ConsumerConfig.read(environment),
            environment.required("TABLE_NAME", "the name of the DynamoDB table"));
    environment.check();
    return config;
  }
}
