package dev.confab.table;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkPlugin;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionConflictException;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * The requests that the stores make of the table, each bounded in time, its pages gathered and its
 * failures told apart. There is no Scan.
 *
 * <p>Safe for use by several threads. Every method but {@link #writeBatch} throws {@link
 * TableUnavailableException} for whatever fails, and lets a ValidationException through: only a bug
 * of ours causes one there.
 */
final class TableClient {
  /** Keys in one BatchGetItem, DynamoDB's limit. */
  private static final int MAX_BATCH_GET = 100;

  /** The fewest items that a query with a filter looks at: most of them may not pass. */
  private static final int MIN_FILTERED_PAGE = 100;

  private final DynamoDbClient client;
  private final String tableName;
  private final AwsRequestOverrideConfiguration bounded;
  private final AwsRequestOverrideConfiguration boundedOnce;

  /**
   * @param attemptTimeout of one attempt
   * @param callTimeout of all attempts of one request
   */
  TableClient(
      DynamoDbClient client, String tableName, Duration attemptTimeout, Duration callTimeout) {
    this.client = client;
    this.tableName = tableName;
    this.bounded =
        AwsRequestOverrideConfiguration.builder()
            .apiCallAttemptTimeout(attemptTimeout)
            .apiCallTimeout(callTimeout)
            .build();
    SdkPlugin withoutRetries =
        config ->
            config.overrideConfiguration(
                override -> override.retryStrategy(AwsRetryStrategy.doNotRetry()));
    this.boundedOnce =
        AwsRequestOverrideConfiguration.builder()
            .apiCallTimeout(attemptTimeout)
            .addPlugin(withoutRetries)
            .build();
  }

  /** One consistent GetItem. */
  @Nullable Item get(Key key) {
    Map<String, AttributeValue> attributes =
        call(
            () ->
                client
                    .getItem(
                        request ->
                            request
                                .tableName(tableName)
                                .key(Item.keyAttributes(key))
                                .consistentRead(true)
                                .overrideConfiguration(bounded))
                    .item());
    return attributes.isEmpty() ? null : Item.read(attributes);
  }

  /** Items of a range, in its order or against it; consistent. */
  List<Item> query(Keys.Range range, boolean isReversed, int limit) {
    return query(range, isReversed, limit, null);
  }

  /** The same, of those that a condition holds for. */
  List<Item> query(Keys.Range range, boolean isReversed, int limit, @Nullable Condition condition) {
    List<Item> found = new ArrayList<>();
    Map<String, AttributeValue> lastKey = Map.of();
    do {
      int missing = limit - found.size();
      int pageSize = condition == null ? missing : Math.max(missing, MIN_FILTERED_PAGE);
      QueryResponse page = page(range, isReversed, pageSize, condition, lastKey);
      page.items().stream().limit(missing).map(Item::read).forEach(found::add);
      lastKey = page.lastEvaluatedKey();
    } while (found.size() < limit && !lastKey.isEmpty());
    return found;
  }

  /**
   * Items that a range of the index names, in its order or against it: consistent copies, as far as
   * the index knows them.
   */
  List<Item> queryIndex(Keys.Range range, boolean isReversed, int limit, Predicate<Item> isWanted) {
    List<Item> found = new ArrayList<>();
    Map<String, AttributeValue> lastKey = Map.of();
    do {
      int missing = limit - found.size();
      QueryResponse page = page(range, isReversed, missing, null, lastKey);
      List<Key> keys = page.items().stream().map(Item::keyOf).toList();
      Map<Key, Item> items = getAll(keys, true);
      keys.stream().filter(items::containsKey).map(items::get).filter(isWanted).forEach(found::add);
      lastKey = page.lastEvaluatedKey();
    } while (found.size() < limit && !lastKey.isEmpty());
    return found;
  }

  private QueryResponse page(
      Keys.Range range,
      boolean isReversed,
      int limit,
      @Nullable Condition condition,
      Map<String, AttributeValue> lastKey) {
    Map<String, String> names = new HashMap<>();
    names.put("#pk", range.isInIndex() ? Attributes.INDEX_PK : Attributes.PK);
    names.put("#sk", range.isInIndex() ? Attributes.INDEX_SK : Attributes.SK);
    Map<String, AttributeValue> values = new HashMap<>();
    values.put(":pk", AttributeValue.fromS(range.pk()));
    values.put(":from", AttributeValue.fromS(range.from()));
    values.put(":to", AttributeValue.fromS(range.to()));
    QueryRequest.Builder request =
        QueryRequest.builder()
            .tableName(tableName)
            .keyConditionExpression("#pk = :pk AND #sk BETWEEN :from AND :to")
            .scanIndexForward(!isReversed)
            .limit(limit)
            .overrideConfiguration(bounded);
    if (range.isInIndex()) {
      request.indexName(Attributes.INDEX);
    } else {
      request.consistentRead(true);
    }
    if (condition != null) {
      request.filterExpression(condition.expression());
      names.putAll(condition.names());
      values.putAll(condition.values());
    }
    if (!lastKey.isEmpty()) {
      request.exclusiveStartKey(lastKey);
    }
    QueryRequest query =
        request.expressionAttributeNames(names).expressionAttributeValues(values).build();
    return call(() -> client.query(query));
  }

  /** Any number of items by key; those that aren't there are missing from the map. */
  Map<Key, Item> getAll(Collection<Key> keys, boolean isConsistent) {
    Map<Key, Item> found = new HashMap<>();
    List<Key> distinct = List.copyOf(new LinkedHashSet<>(keys));
    for (int from = 0; from < distinct.size(); from += MAX_BATCH_GET) {
      int to = Math.min(from + MAX_BATCH_GET, distinct.size());
      getBatch(distinct.subList(from, to), isConsistent, found);
    }
    return found;
  }

  private void getBatch(List<Key> keys, boolean isConsistent, Map<Key, Item> found) {
    KeysAndAttributes wanted =
        KeysAndAttributes.builder()
            .keys(keys.stream().map(Item::keyAttributes).toList())
            .consistentRead(isConsistent)
            .build();
    while (true) {
      Map<String, KeysAndAttributes> request = Map.of(tableName, wanted);
      BatchGetItemResponse response =
          call(
              () ->
                  client.batchGetItem(r -> r.requestItems(request).overrideConfiguration(bounded)));
      for (Map<String, AttributeValue> item :
          response.responses().getOrDefault(tableName, List.of())) {
        Item read = Item.read(item);
        found.put(read.key(), read);
      }
      KeysAndAttributes left = response.unprocessedKeys().get(tableName);
      if (left == null || left.keys().isEmpty()) {
        return;
      }
      if (left.keys().size() >= wanted.keys().size()) {
        throw new TableUnavailableException("none of " + left.keys().size() + " keys was read");
      }
      wanted = left; // fewer than before: this ends
    }
  }

  /** What became of a write. */
  sealed interface Written {
    record Done() implements Written {}

    /**
     * The condition did not hold.
     *
     * @param inTable the item it was asked of
     */
    record Refused(@Nullable Item inTable) implements Written {}

    /** Another transaction was at the item: nothing is known of it. */
    record Crossed() implements Written {}
  }

  void put(Item item) {
    call(
        () ->
            client.putItem(
                request ->
                    request
                        .tableName(tableName)
                        .item(item.attributes())
                        .overrideConfiguration(bounded)));
  }

  Written putIf(Item item, Condition condition) {
    PutItemRequest request =
        PutItemRequest.builder()
            .tableName(tableName)
            .item(item.attributes())
            .conditionExpression(condition.expression())
            .expressionAttributeNames(condition.names())
            .expressionAttributeValues(emptyAsNull(condition.values()))
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .overrideConfiguration(bounded)
            .build();
    return call(
        () -> {
          try {
            client.putItem(request);
            return new Written.Done();
          } catch (ConditionalCheckFailedException refused) {
            return new Written.Refused(refused.hasItem() ? Item.read(refused.item()) : null);
          } catch (TransactionConflictException _) {
            return new Written.Crossed();
          }
        });
  }

  void delete(Key key) {
    call(
        () ->
            client.deleteItem(
                request ->
                    request
                        .tableName(tableName)
                        .key(Item.keyAttributes(key))
                        .overrideConfiguration(bounded)));
  }

  TransactWriteItem putting(Item item, Condition condition) {
    return TransactWriteItem.builder()
        .put(
            put ->
                put.tableName(tableName)
                    .item(item.attributes())
                    .conditionExpression(condition.expression())
                    .expressionAttributeNames(condition.names())
                    .expressionAttributeValues(emptyAsNull(condition.values())))
        .build();
  }

  TransactWriteItem putting(Item item) {
    return TransactWriteItem.builder()
        .put(put -> put.tableName(tableName).item(item.attributes()))
        .build();
  }

  TransactWriteItem checking(Key key, Condition condition) {
    return TransactWriteItem.builder()
        .conditionCheck(
            check ->
                check
                    .tableName(tableName)
                    .key(Item.keyAttributes(key))
                    .conditionExpression(condition.expression())
                    .expressionAttributeNames(condition.names())
                    .expressionAttributeValues(emptyAsNull(condition.values())))
        .build();
  }

  /** All of it or nothing. */
  Written transact(TransactWriteItem... writes) {
    return call(
        () -> {
          try {
            client.transactWriteItems(
                request -> request.transactItems(writes).overrideConfiguration(bounded));
            return new Written.Done();
          } catch (TransactionCanceledException canceled) {
            return whyCanceled(canceled);
          }
        });
  }

  private static Written whyCanceled(TransactionCanceledException canceled) {
    List<String> codes =
        canceled.cancellationReasons().stream().map(CancellationReason::code).toList();
    if (codes.contains("ConditionalCheckFailed")) {
      return new Written.Refused(null);
    }
    if (codes.contains("TransactionConflict")) {
      return new Written.Crossed();
    }
    throw canceled;
  }

  private static @Nullable Map<String, AttributeValue> emptyAsNull(
      Map<String, AttributeValue> values) {
    return values.isEmpty() ? null : values; // DynamoDB refuses an empty map
  }

  /** What became of a batch. */
  sealed interface BatchWritten {
    /** The keys of those that the table had no room for. */
    record Done(List<Key> unprocessed) implements BatchWritten {}

    record Refused(String reason) implements BatchWritten {}

    record Unavailable(String reason) implements BatchWritten {}
  }

  /** One BatchWriteItem, attempted once. */
  BatchWritten writeBatch(List<Item> items) {
    List<WriteRequest> writes =
        items.stream()
            .map(
                item ->
                    WriteRequest.builder().putRequest(put -> put.item(item.attributes())).build())
            .toList();
    try {
      BatchWriteItemResponse response =
          client.batchWriteItem(
              request ->
                  request
                      .requestItems(Map.of(tableName, writes))
                      .overrideConfiguration(boundedOnce));
      return new BatchWritten.Done(
          response.unprocessedItems().getOrDefault(tableName, List.of()).stream()
              .map(write -> Item.keyOf(write.putRequest().item()))
              .toList());
    } catch (SdkException failed) {
      return isInvalid(failed)
          ? new BatchWritten.Refused(reasonOf(failed))
          : new BatchWritten.Unavailable(reasonOf(failed));
    }
  }

  /**
   * What DynamoDB answers.
   *
   * @throws SdkException if it says that the request is invalid: trying again can't help
   * @throws TableUnavailableException for every other failure
   */
  private static <T> T call(Supplier<T> request) {
    try {
      return request.get();
    } catch (SdkException failed) {
      if (isInvalid(failed)) {
        throw failed;
      }
      throw new TableUnavailableException(reasonOf(failed), failed);
    }
  }

  private static boolean isInvalid(SdkException failed) {
    return failed instanceof AwsServiceException answered
        && answered.awsErrorDetails() != null
        && "ValidationException".equals(answered.awsErrorDetails().errorCode());
  }

  static String reasonOf(SdkException failed) {
    if (failed instanceof AwsServiceException answered && answered.awsErrorDetails() != null) {
      return answered.awsErrorDetails().errorCode()
          + ": "
          + answered.awsErrorDetails().errorMessage();
    }
    return failed.getClass().getSimpleName() + ": " + failed.getMessage();
  }
}
