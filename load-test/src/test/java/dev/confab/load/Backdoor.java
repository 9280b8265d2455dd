package dev.confab.load;

import dev.confab.events.ChatId;
import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import dev.confab.local.LocalStack;
import java.math.BigInteger;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.Consumer;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * What lies in a stack's stream, table and queues, by AWS' own clients and past all of Confab.
 * Thread-safe.
 */
final class Backdoor implements AutoCloseable {
  /** The stack's stream, and its table too. */
  static final String NAME = "confab";

  static final String PERSIST_DLQ = "confab-persist-dlq";
  static final String FANOUT_DLQ = "confab-fanout-dlq";

  private static final String PERSIST_LEASES = "confab-persist";

  private final SdkHttpClient http = UrlConnectionHttpClient.create();
  private final KinesisClient kinesis;
  private final DynamoDbClient dynamoDb;
  private final SqsClient sqs;

  Backdoor(LocalStack stack) {
    kinesis = to(stack, KinesisClient.builder(), "KINESIS").build();
    dynamoDb = to(stack, DynamoDbClient.builder(), "DYNAMODB").build();
    sqs = to(stack, SqsClient.builder(), "SQS").build();
  }

  private <B extends AwsClientBuilder<B, ?> & AwsSyncClientBuilder<B, ?>> B to(
      LocalStack stack, B builder, String service) {
    return builder
        .region(Region.US_EAST_1)
        .endpointOverride(URI.create(stack.environment().get("AWS_ENDPOINT_URL_" + service)))
        .httpClient(http);
  }

  KinesisClient kinesis() {
    return kinesis;
  }

  DynamoDbClient dynamoDb() {
    return dynamoDb;
  }

  /** Every shard of the stream, parents before their children. */
  List<Shard> shards() {
    return kinesis.listShards(list -> list.streamName(NAME)).shards();
  }

  /** Those that take records now, in order of their hash keys. */
  List<Shard> openShards() {
    return shards().stream()
        .filter(shard -> shard.sequenceNumberRange().endingSequenceNumber() == null)
        .sorted(Comparator.comparing(Backdoor::firstHashKey))
        .toList();
  }

  private static BigInteger firstHashKey(Shard shard) {
    return new BigInteger(shard.hashKeyRange().startingHashKey());
  }

  /** The consumers that read by enhanced fan-out. */
  List<Consumer> consumers() {
    String arn =
        kinesis
            .describeStreamSummary(describe -> describe.streamName(NAME))
            .streamDescriptionSummary()
            .streamARN();
    return kinesis.listStreamConsumers(list -> list.streamARN(arn)).consumers();
  }

  PutRecordResponse put(String partitionKey, byte[] data) {
    return kinesis.putRecord(
        put -> put.streamName(NAME).partitionKey(partitionKey).data(SdkBytes.fromByteArray(data)));
  }

  /** All that the stream holds: each shard's records in order, by the shard's id. */
  Map<String, List<Record>> records() {
    Map<String, List<Record>> records = new LinkedHashMap<>();
    for (Shard shard : shards()) {
      records.put(shard.shardId(), records(shard.shardId()));
    }
    return records;
  }

  private List<Record> records(String shardId) {
    List<Record> records = new ArrayList<>();
    String next =
        kinesis
            .getShardIterator(
                get ->
                    get.streamName(NAME)
                        .shardId(shardId)
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
            .shardIterator();
    while (next != null) {
      String iterator = next;
      GetRecordsResponse page = kinesis.getRecords(get -> get.shardIterator(iterator));
      records.addAll(page.records());
      next = page.records().isEmpty() ? null : page.nextShardIterator();
    }
    return records;
  }

  /** A chat's messages in the table, placeholders and markers too: whole items, in their order. */
  List<Map<String, AttributeValue>> messageItems(ChatId chat) {
    return items(NAME, chat, "MESSAGE#");
  }

  /** The items of a chat's part of a table whose sort keys begin so, in their order. */
  List<Map<String, AttributeValue>> items(String table, ChatId chat, String sortKeys) {
    return dynamoDb
        .queryPaginator(
            query ->
                query
                    .tableName(table)
                    .consistentRead(true)
                    .keyConditionExpression("PK = :chat AND begins_with(SK, :kind)")
                    .expressionAttributeValues(
                        Map.of(
                            ":chat", AttributeValue.fromS("CHAT#" + chat),
                            ":kind", AttributeValue.fromS(sortKeys))))
        .items()
        .stream()
        .toList();
  }

  /**
   * The sequence number up to which persist is done with a shard; -1 where it has said none yet.
   */
  BigInteger persistCheckpoint(String shardId) {
    String checkpoint =
        text(
            dynamoDb
                .getItem(
                    get ->
                        get.tableName(PERSIST_LEASES)
                            .key(Map.of("leaseKey", AttributeValue.fromS(shardId)))
                            .consistentRead(true))
                .item(),
            "checkpoint");
    return checkpoint.equals("TRIM_HORIZON") ? BigInteger.ONE.negate() : new BigInteger(checkpoint);
  }

  /** An attribute that an item must have. */
  static String text(Map<String, AttributeValue> item, String name) {
    AttributeValue value = item.get(name);
    if (value == null || value.s() == null) {
      throw new AssertionError(name + " is missing in " + item);
    }
    return value.s();
  }

  String queueUrl(String queue) {
    return sqs.getQueueUrl(get -> get.queueName(queue)).queueUrl();
  }

  /** How many letters a queue has, those in somebody's hands too. */
  int depth(String queue) {
    String url = queueUrl(queue);
    return sqs
        .getQueueAttributes(get -> get.queueUrl(url).attributeNames(QueueAttributeName.ALL))
        .attributes()
        .entrySet()
        .stream()
        .filter(
            attribute ->
                attribute.getKey() == QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES
                    || attribute.getKey()
                        == QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE)
        .mapToInt(attribute -> Integer.parseInt(attribute.getValue()))
        .sum();
  }

  /** Empties a queue. */
  void purge(String queue) {
    String url = queueUrl(queue);
    sqs.purgeQueue(purge -> purge.queueUrl(url));
  }

  /** Up to ten of a queue's letters, which stay where they are. */
  List<DeadLetter> letters(String queue) throws Exception {
    String url = queueUrl(queue);
    List<DeadLetter> letters = new ArrayList<>();
    for (var message :
        sqs.receiveMessage(get -> get.queueUrl(url).maxNumberOfMessages(10).visibilityTimeout(0))
            .messages()) {
      letters.add(DeadLetterCodec.decode(message.body()));
    }
    return letters;
  }

  @Override
  public void close() {
    kinesis.close();
    dynamoDb.close();
    sqs.close();
    http.close();
  }
}
