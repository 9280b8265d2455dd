package dev.confab.replay;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** A dead-letter queue in SQS. */
final class SqsLetters implements Letters {
  private final SqsClient sqs;
  private final AwsFaults faults;
  private final Stage stage;
  private final String name;
  private final String url;

  /**
   * @param queue its name, or its URL
   */
  SqsLetters(SqsClient sqs, AwsFaults faults, Stage stage, String queue) {
    this.sqs = sqs;
    this.faults = faults;
    this.stage = stage;
    boolean isUrl = queue.contains("://");
    this.name = isUrl ? queue.substring(queue.lastIndexOf('/') + 1) : queue;
    this.url = isUrl ? queue : call(() -> sqs.getQueueUrl(get -> get.queueName(queue)).queueUrl());
  }

  @Override
  public Stage stage() {
    return stage;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Depth depth() {
    Map<QueueAttributeName, String> attributes =
        call(
            () ->
                sqs.getQueueAttributes(
                        get ->
                            get.queueUrl(url)
                                .attributeNames(
                                    QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                                    QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
                    .attributes());
    return new Depth(
        number(attributes, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES),
        number(attributes, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE));
  }

  private static long number(
      Map<QueueAttributeName, String> attributes, QueueAttributeName attribute) {
    return Long.parseLong(attributes.getOrDefault(attribute, "0"));
  }

  @Override
  public List<QueueMessage> receive(int max, Duration hidden, Duration wait) {
    List<Message> messages =
        call(
            () ->
                sqs.receiveMessage(
                        receive ->
                            receive
                                .queueUrl(url)
                                .maxNumberOfMessages(max)
                                .visibilityTimeout(seconds(hidden))
                                .waitTimeSeconds(seconds(wait))
                                .messageSystemAttributeNames(
                                    MessageSystemAttributeName.SENT_TIMESTAMP))
                    .messages());
    return messages.stream()
        .map(
            message ->
                new QueueMessage(
                    message.messageId(), message.receiptHandle(), message.body(), sentAt(message)))
        .toList();
  }

  private static Instant sentAt(Message message) {
    return Instant.ofEpochMilli(
        Long.parseLong(
            message.attributes().getOrDefault(MessageSystemAttributeName.SENT_TIMESTAMP, "0")));
  }

  @Override
  public List<Undeleted> delete(List<QueueMessage> messages) {
    List<DeleteMessageBatchRequestEntry> entries =
        IntStream.range(0, messages.size())
            .mapToObj(
                i ->
                    DeleteMessageBatchRequestEntry.builder()
                        .id(Integer.toString(i))
                        .receiptHandle(messages.get(i).handle())
                        .build())
            .toList();
    return call(() -> sqs.deleteMessageBatch(delete -> delete.queueUrl(url).entries(entries)))
        .failed()
        .stream()
        .map(failed -> new Undeleted(messages.get(Integer.parseInt(failed.id())), reason(failed)))
        .toList();
  }

  private static String reason(BatchResultErrorEntry failed) {
    return failed.code() + (failed.message() == null ? "" : ": " + failed.message());
  }

  @Override
  public void hide(List<QueueMessage> messages, Duration time) {
    List<ChangeMessageVisibilityBatchRequestEntry> entries =
        IntStream.range(0, messages.size())
            .mapToObj(
                i ->
                    ChangeMessageVisibilityBatchRequestEntry.builder()
                        .id(Integer.toString(i))
                        .receiptHandle(messages.get(i).handle())
                        .visibilityTimeout(seconds(time))
                        .build())
            .toList();
    // An entry that failed is none of ours any more: see Letters.
    var _ =
        call(
            () ->
                sqs.changeMessageVisibilityBatch(change -> change.queueUrl(url).entries(entries)));
  }

  @Override
  public List<String> send(List<String> bodies) {
    List<SendMessageBatchRequestEntry> entries =
        IntStream.range(0, bodies.size())
            .mapToObj(
                i ->
                    SendMessageBatchRequestEntry.builder()
                        .id(Integer.toString(i))
                        .messageBody(bodies.get(i))
                        .build())
            .toList();
    Map<Integer, String> failed = new HashMap<>();
    call(() -> sqs.sendMessageBatch(send -> send.queueUrl(url).entries(entries)))
        .failed()
        .forEach(entry -> failed.put(Integer.parseInt(entry.id()), reason(entry)));
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < bodies.size(); i++) {
      reasons.add(failed.getOrDefault(i, ""));
    }
    return reasons;
  }

  private static int seconds(Duration time) {
    return Math.toIntExact(time.toSeconds());
  }

  private <T> T call(Supplier<T> call) {
    try {
      return call.get();
    } catch (SdkException fault) {
      throw faults.explain(fault);
    }
  }
}
