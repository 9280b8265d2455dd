package dev.confab.table;

import java.util.List;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** What the table is: its keys, its index and its TTL. In AWS, template.yaml makes it so. */
public final class TableDefinition {
  private TableDefinition() {}

  /** Makes the table, for local runs and tests, and waits until it is there; one that is stays. */
  public static void create(DynamoDbClient client, String tableName) {
    try {
      client.createTable(request(tableName));
    } catch (ResourceInUseException there) {
      return;
    }
    client.waiter().waitUntilTableExists(table -> table.tableName(tableName));
    client.updateTimeToLive(
        ttl ->
            ttl.tableName(tableName)
                .timeToLiveSpecification(
                    of -> of.enabled(true).attributeName(Attributes.EXPIRES_AT)));
  }

  /** The request that makes the table, without its TTL on {@value Attributes#EXPIRES_AT}. */
  public static CreateTableRequest request(String tableName) {
    return CreateTableRequest.builder()
        .tableName(tableName)
        .billingMode(BillingMode.PAY_PER_REQUEST)
        .attributeDefinitions(
            text(Attributes.PK),
            text(Attributes.SK),
            text(Attributes.INDEX_PK),
            text(Attributes.INDEX_SK))
        .keySchema(keys(Attributes.PK, Attributes.SK))
        .globalSecondaryIndexes(
            GlobalSecondaryIndex.builder()
                .indexName(Attributes.INDEX)
                .keySchema(keys(Attributes.INDEX_PK, Attributes.INDEX_SK))
                .projection(of -> of.projectionType(ProjectionType.KEYS_ONLY))
                .build())
        .build();
  }

  private static AttributeDefinition text(String name) {
    return AttributeDefinition.builder()
        .attributeName(name)
        .attributeType(ScalarAttributeType.S)
        .build();
  }

  private static List<KeySchemaElement> keys(String partition, String sort) {
    return List.of(
        KeySchemaElement.builder().attributeName(partition).keyType(KeyType.HASH).build(),
        KeySchemaElement.builder().attributeName(sort).keyType(KeyType.RANGE).build());
  }
}
