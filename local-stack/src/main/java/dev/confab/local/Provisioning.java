package dev.confab.local;

import dev.confab.local.template.Template;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** Makes in the services what the template describes, where it isn't there already. */
final class Provisioning {
  private final ServiceEndpoints services;

  Provisioning(ServiceEndpoints services) {
    this.services = services;
  }

  /**
   * Makes streams, tables and queues.
   *
   * @param shards of a stream that the template leaves on demand
   * @return the account that they are in, as the queues' URLs name it
   */
  String provide(Template template, int shards) {
    try (KinesisClient kinesis = client(KinesisClient.builder(), services.kinesis()).build();
        DynamoDbClient dynamoDb = client(DynamoDbClient.builder(), services.dynamoDb()).build();
        SqsClient sqs = client(SqsClient.builder(), services.sqs()).build()) {
      template.streams().values().forEach(stream -> provide(stream, shards, kinesis));
      template.tables().values().forEach(table -> provide(table, dynamoDb));
      String account = LocalEnvironment.ACCOUNT;
      for (Template.Queue queue : template.queues().values()) {
        account = accountIn(provide(queue, sqs));
      }
      return account;
    }
  }

  private static <B extends AwsClientBuilder<B, ?> & AwsSyncClientBuilder<B, ?>> B client(
      B builder, URI endpoint) {
    return builder
        .region(Region.of(LocalEnvironment.REGION))
        .endpointOverride(endpoint)
        .httpClientBuilder(UrlConnectionHttpClient.builder());
  }

  private static String accountIn(String queueUrl) {
    String[] path = URI.create(queueUrl).getPath().split("/", -1);
    return path[path.length - 2];
  }

  private static void provide(Template.Stream stream, int shards, KinesisClient kinesis) {
    try {
      kinesis.createStream(
          create -> create.streamName(stream.name()).shardCount(stream.shards().orElse(shards)));
    } catch (software.amazon.awssdk.services.kinesis.model.ResourceInUseException keptFromBefore) {
      // as it was then, shards and all
    }
    kinesis.waiter().waitUntilStreamExists(describe -> describe.streamName(stream.name()));
    Duration retained =
        Duration.ofHours(
            kinesis
                .describeStreamSummary(request -> request.streamName(stream.name()))
                .streamDescriptionSummary()
                .retentionPeriodHours());
    if (retained.compareTo(stream.retention()) < 0) {
      kinesis.increaseStreamRetentionPeriod(
          request ->
              request
                  .streamName(stream.name())
                  .retentionPeriodHours((int) stream.retention().toHours()));
    }
  }

  private static void provide(Template.Table table, DynamoDbClient dynamoDb) {
    Map<String, String> attributes = new HashMap<>();
    note(table.key(), attributes);
    table.indexes().forEach(index -> note(index.key(), attributes));
    CreateTableRequest request =
        CreateTableRequest.builder()
            .tableName(table.name())
            .billingMode(BillingMode.PAY_PER_REQUEST)
            .attributeDefinitions(
                attributes.entrySet().stream()
                    .map(
                        attribute ->
                            AttributeDefinition.builder()
                                .attributeName(attribute.getKey())
                                .attributeType(attribute.getValue())
                                .build())
                    .toList())
            .keySchema(schema(table.key()))
            .globalSecondaryIndexes(
                table.indexes().stream()
                    .map(
                        index ->
                            GlobalSecondaryIndex.builder()
                                .indexName(index.name())
                                .keySchema(schema(index.key()))
                                .projection(
                                    projection ->
                                        projection.projectionType(
                                            ProjectionType.fromValue(index.projection())))
                                .build())
                    .toList())
            .build();
    try {
      dynamoDb.createTable(request);
    } catch (ResourceInUseException keptFromBefore) {
      return;
    }
    dynamoDb.waiter().waitUntilTableExists(describe -> describe.tableName(table.name()));
    table
        .timeToLiveAttribute()
        .ifPresent(
            attribute ->
                dynamoDb.updateTimeToLive(
                    update ->
                        update
                            .tableName(table.name())
                            .timeToLiveSpecification(
                                ttl -> ttl.attributeName(attribute).enabled(true))));
  }

  private static void note(Template.Key key, Map<String, String> attributes) {
    attributes.put(key.partition().name(), key.partition().type());
    key.sort().ifPresent(sort -> attributes.put(sort.name(), sort.type()));
  }

  private static List<KeySchemaElement> schema(Template.Key key) {
    KeySchemaElement partition =
        KeySchemaElement.builder()
            .attributeName(key.partition().name())
            .keyType(KeyType.HASH)
            .build();
    return key.sort()
        .map(
            sort ->
                List.of(
                    partition,
                    KeySchemaElement.builder()
                        .attributeName(sort.name())
                        .keyType(KeyType.RANGE)
                        .build()))
        .orElse(List.of(partition));
  }

  private static String provide(Template.Queue queue, SqsClient sqs) {
    return sqs.createQueue(
            request ->
                request
                    .queueName(queue.name())
                    .attributes(
                        Map.of(
                            QueueAttributeName.VISIBILITY_TIMEOUT,
                            String.valueOf(queue.visibilityTimeout().toSeconds()))))
        .queueUrl();
  }
}
