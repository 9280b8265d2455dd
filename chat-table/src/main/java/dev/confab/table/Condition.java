package dev.confab.table;

import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * What must hold of the item in the table for a write to happen, or for a read to return it.
 *
 * @param names what the expression's {@code #names} stand for: DynamoDB reserves many words
 * @param values what its {@code :values} stand for
 */
record Condition(String expression, Map<String, String> names, Map<String, AttributeValue> values) {

  static final Condition ABSENT =
      new Condition("attribute_not_exists(#pk)", Map.of("#pk", Attributes.PK), Map.of());
}
