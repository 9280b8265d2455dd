package dev.confab.load.verify;

import dev.confab.consumer.HashRange;
import dev.confab.consumer.StreamRecord;
import dev.confab.events.Bytes;
import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ConnectionId;
import dev.confab.events.Cursor;
import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import dev.confab.events.Decoded;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import dev.confab.load.check.History;
import dev.confab.table.DynamoDbChatTable;
import dev.confab.table.Messages;
import java.math.BigInteger;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/** What lies in a stack's stream, table and queues, by AWS' own clients. Thread-safe. */
final class Evidence implements AutoCloseable {
  static final String NAME = "confab"; // of the stream, and of the table too
  private static final List<String> STAGES = List.of("persist", "fanout");
  private static final int PAGE = 1_000;

  /** More than the faults that a run has the stream answer with in a row. */
  private static final int MAX_ATTEMPTS = 50;

  private final SdkHttpClient http = UrlConnectionHttpClient.create();
  private final KinesisClient kinesis;
  private final DynamoDbClient dynamoDb;
  private final SqsClient sqs;

  /**
   * @param environment where the services are
   */
  Evidence(Map<String, String> environment) {
    kinesis =
        to(environment, KinesisClient.builder(), "KINESIS")
            .overrideConfiguration(
                config -> config.retryStrategy(retries -> retries.maxAttempts(MAX_ATTEMPTS)))
            .build();
    dynamoDb = to(environment, DynamoDbClient.builder(), "DYNAMODB").build();
    sqs = to(environment, SqsClient.builder(), "SQS").build();
  }

  private <B extends AwsClientBuilder<B, ?> & AwsSyncClientBuilder<B, ?>> B to(
      Map<String, String> environment, B builder, String service) {
    return builder
        .region(Region.US_EAST_1)
        .endpointOverride(URI.create(environment.get("AWS_ENDPOINT_URL_" + service)))
        .httpClient(http);
  }

  KinesisClient kinesis() {
    return kinesis;
  }

  void put(String partitionKey, Bytes data) {
    kinesis.putRecord(
        put ->
            put.streamName(NAME)
                .partitionKey(partitionKey)
                .data(SdkBytes.fromByteArray(data.toArray())));
  }

  /** Every shard there ever was, parents before their children. */
  List<Shard> shards() {
    return kinesis.listShards(list -> list.streamName(NAME)).shards();
  }

  Map<String, HashRange> ranges() {
    Map<String, HashRange> ranges = new LinkedHashMap<>();
    for (Shard shard : shards()) {
      ranges.put(
          shard.shardId(),
          HashRange.parse(
              shard.hashKeyRange().startingHashKey(), shard.hashKeyRange().endingHashKey()));
    }
    return ranges;
  }

  /** Whole records, by shard. */
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

  /**
   * The records as stages see them.
   *
   * @param aggregates what the run itself put together: the parts, by the whole
   */
  static List<StreamRecord> unpacked(
      Map<String, List<Record>> whole, Map<Bytes, List<Foreign.Part>> aggregates) {
    List<StreamRecord> records = new ArrayList<>();
    whole.forEach(
        (shardId, all) -> {
          for (Record record : all) {
            Bytes data = Bytes.of(record.data().asByteArray());
            List<Foreign.Part> parts =
                aggregates.getOrDefault(
                    data, List.of(new Foreign.Part(record.partitionKey(), data)));
            for (int i = 0; i < parts.size(); i++) {
              records.add(
                  new StreamRecord(
                      shardId,
                      Position.of(record.sequenceNumber(), i),
                      parts.get(i).partitionKey(),
                      parts.get(i).data(),
                      record.approximateArrivalTimestamp()));
            }
          }
        });
    return records;
  }

  static boolean isResend(StreamRecord record) {
    return ChatEvents.decode(record.partitionKey(), record.data().toArray())
            instanceof Decoded.Event(ChatEvent.MessageSent sent)
        && sent.resend();
  }

  /** All that the table holds of chats. */
  Map<ChatId, List<Entry>> table(Set<ChatId> chats) {
    Messages messages = new DynamoDbChatTable(dynamoDb, NAME, Runnable::run).messages();
    Map<ChatId, List<Entry>> table = new HashMap<>();
    for (ChatId chat : chats) {
      List<Entry> entries = new ArrayList<>();
      Cursor after = Cursor.start();
      for (List<Entry> page = messages.after(chat, after, PAGE);
          !page.isEmpty();
          page = messages.after(chat, after, PAGE)) {
        entries.addAll(page);
        after = page.getLast().position();
      }
      table.put(chat, entries);
    }
    return table;
  }

  /** The chats that any record names. */
  static Set<ChatId> chats(List<StreamRecord> stream) {
    Set<ChatId> chats = new TreeSet<>((one, other) -> one.value().compareTo(other.value()));
    for (StreamRecord record : stream) {
      switch (ChatEvents.decode(record.partitionKey(), record.data().toArray())) {
        case Decoded.Event(ChatEvent event) -> chats.add(event.chatId());
        case Decoded.Malformed(String _, Decoded.MessageClaim claim) when claim != null ->
            chats.add(claim.chatId());
        case Decoded.Malformed _, Decoded.UnknownType _ -> {}
      }
    }
    return chats;
  }

  /** Every letter in both queues; they stay hidden for a while. */
  List<History.Letter> letters() {
    List<History.Letter> letters = new ArrayList<>();
    for (String stage : STAGES) {
      String url = sqs.getQueueUrl(get -> get.queueName(NAME + "-" + stage + "-dlq")).queueUrl();
      List<Message> page;
      do {
        page =
            sqs.receiveMessage(
                    get -> get.queueUrl(url).maxNumberOfMessages(10).visibilityTimeout(600))
                .messages();
        for (Message message : page) {
          letters.add(new History.Letter(stage, decoded(message.body()), true));
        }
      } while (!page.isEmpty());
    }
    return letters;
  }

  private static DeadLetter decoded(String body) {
    try {
      return DeadLetterCodec.decode(body);
    } catch (Exception notALetter) {
      throw new IllegalStateException("the queue holds what is no letter: " + body, notALetter);
    }
  }

  /** How many records of each shard no checkpoint of each stage has passed. */
  List<History.Progress> progress(Map<String, List<Record>> records) {
    Set<String> open = new TreeSet<>();
    for (Shard shard : shards()) {
      if (shard.sequenceNumberRange().endingSequenceNumber() == null) {
        open.add(shard.shardId());
      }
    }
    List<History.Progress> progress = new ArrayList<>();
    for (String stage : STAGES) {
      Map<String, String> checkpoints = checkpoints(NAME + "-" + stage);
      records.forEach(
          (shardId, all) ->
              progress.add(
                  new History.Progress(
                      stage, shardId, lag(all, checkpoints.get(shardId), open.contains(shardId)))));
    }
    return progress;
  }

  private Map<String, String> checkpoints(String leases) {
    Map<String, String> checkpoints = new HashMap<>();
    dynamoDb
        .scanPaginator(scan -> scan.tableName(leases).consistentRead(true))
        .items()
        .forEach(
            item -> {
              AttributeValue checkpoint = item.get("checkpoint");
              AttributeValue key = item.get("leaseKey");
              if (checkpoint != null && key != null) {
                checkpoints.put(key.s(), checkpoint.s());
              }
            });
    return checkpoints;
  }

  /** A lease that is gone was one of a shard that ended and was read to its end. */
  private static long lag(List<Record> records, @Nullable String checkpoint, boolean isOpen) {
    if (checkpoint == null) {
      return isOpen ? records.size() : 0;
    }
    if (checkpoint.equals("SHARD_END")) {
      return 0;
    }
    if (!checkpoint.matches("\\d+")) {
      return records.size();
    }
    BigInteger passed = new BigInteger(checkpoint);
    return records.stream()
        .filter(record -> new BigInteger(record.sequenceNumber()).compareTo(passed) > 0)
        .count();
  }

  /** The connections that subscriptions on the stream name, by user and request. */
  static Map<String, ConnectionId> connections(List<StreamRecord> stream) {
    Map<String, ConnectionId> connections = new HashMap<>();
    for (StreamRecord record : stream) {
      if (ChatEvents.decode(record.partitionKey(), record.data().toArray())
          instanceof Decoded.Event(ChatEvent.Subscribed subscribed)) {
        connections.put(
            subscribed.userId() + " " + subscribed.requestId(), subscribed.connectionId());
      }
    }
    return connections;
  }

  /** A connection is known by what it asked for; one that asked for nothing has a name of ours. */
  static History.Connection connection(
      UserId user,
      int number,
      List<History.Exchange> exchanges,
      Map<String, ConnectionId> connections) {
    ConnectionId id = new ConnectionId("unknown-" + number);
    for (History.Exchange exchange : exchanges) {
      if (exchange instanceof History.Asked(var _, ClientFrame frame)) {
        ConnectionId named = connections.get(user + " " + frame.requestId());
        if (named != null) {
          return new History.Connection(named, user, exchanges);
        }
      }
    }
    return new History.Connection(id, user, exchanges);
  }

  /** Each try to send, with the answer that it got on the same connection. */
  static List<History.Send> sends(History.Connection connection) {
    Map<String, Position> acked = new HashMap<>();
    for (History.Exchange exchange : connection.exchanges()) {
      if (exchange instanceof History.Got(var _, ServerFrame.Sent sent)
          && sent.requestId() != null) {
        acked.put(sent.requestId(), sent.position());
      }
    }
    List<History.Send> sends = new ArrayList<>();
    for (History.Exchange exchange : connection.exchanges()) {
      if (exchange instanceof History.Asked(var at, ClientFrame.SendMessage send)) {
        sends.add(
            new History.Send(
                send.chatId(),
                connection.userId(),
                send.clientMessageId(),
                send.text(),
                send.resend(),
                at,
                send.requestId() == null ? null : acked.get(send.requestId())));
      }
    }
    return sends;
  }

  @Override
  public void close() {
    kinesis.close();
    dynamoDb.close();
    sqs.close();
    http.close();
  }
}
