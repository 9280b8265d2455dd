package dev.confab.consumer;

import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;

/**
 * A dead-letter queue in SQS. A record whose letter would be larger than a message may be is
 * replaced in it by a {@link DeadLetter.Pointer}: the stream still holds it.
 */
public final class SqsDeadLetters implements DeadLetters {
  /** Messages in one SendMessageBatch, SQS's limit. */
  static final int MAX_BATCH = 10;

  /** Of one message and of all messages of a batch together, SQS's limit. */
  static final int MAX_BYTES = 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(SqsDeadLetters.class);

  private final SqsClient sqs;
  private final String queueUrl;

  /**
   * @param sqs with time-outs: a call that hangs would hold a shard
   */
  public SqsDeadLetters(SqsClient sqs, String queueUrl) {
    this.sqs = sqs;
    this.queueUrl = queueUrl;
  }

  private record Body(DeadLetter letter, String text) {}

  @Override
  public Receipt send(List<DeadLetter> letters) {
    List<DeadLetter> refused = new ArrayList<>();
    String reason = "";
    boolean isDown = false;
    for (List<Body> batch : batches(letters)) {
      if (isDown) { // a time-out for each batch would keep the caller from asking its lease
        batch.forEach(body -> refused.add(body.letter()));
      } else if (sendBatch(batch) instanceof Refused(List<DeadLetter> ofBatch, String why)) {
        refused.addAll(ofBatch);
        reason = why;
        isDown = ofBatch.size() == batch.size();
      }
    }
    return refused.isEmpty() ? new Taken() : new Refused(refused, reason);
  }

  private static List<List<Body>> batches(List<DeadLetter> letters) {
    List<List<Body>> batches = new ArrayList<>();
    List<Body> batch = new ArrayList<>();
    int bytes = 0;
    for (DeadLetter letter : letters) {
      Body body = new Body(letter, bodyOf(letter));
      if (batch.size() == MAX_BATCH || bytes + body.text().length() > MAX_BYTES) {
        batches.add(batch);
        batch = new ArrayList<>();
        bytes = 0;
      }
      batch.add(body);
      bytes += body.text().length(); // base64: a byte a character
    }
    if (!batch.isEmpty()) {
      batches.add(batch);
    }
    return batches;
  }

  private static String bodyOf(DeadLetter letter) {
    String body = DeadLetterCodec.encode(letter);
    if (body.length() > MAX_BYTES
        && letter instanceof DeadLetter.RecordLetter record
        && record.payload() instanceof DeadLetter.Inline inline) {
      LOG.warn("the record at {} is too large for its letter", record.position());
      return DeadLetterCodec.encode(withPointer(record, inline.data().toArray()));
    }
    return body;
  }

  private static DeadLetter withPointer(DeadLetter.RecordLetter letter, byte[] data) {
    return new DeadLetter.RecordLetter(
        letter.failure(),
        letter.shardId(),
        letter.position(),
        letter.partitionKey(),
        letter.chatId(),
        letter.traceId(),
        letter.replayCount(),
        new DeadLetter.Pointer(HexFormat.of().formatHex(sha256(data)), data.length));
  }

  private static byte[] sha256(byte[] data) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(data);
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new AssertionError(everyPlatformHasIt);
    }
  }

  /** An answer of SQS may be 200 and still refuse some of the entries. */
  private Receipt sendBatch(List<Body> batch) {
    List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      entries.add(
          SendMessageBatchRequestEntry.builder()
              .id(String.valueOf(i))
              .messageBody(batch.get(i).text())
              .build());
    }
    try {
      SendMessageBatchResponse response =
          sqs.sendMessageBatch(request -> request.queueUrl(queueUrl).entries(entries));
      List<DeadLetter> refused = notTaken(batch, response);
      return refused.isEmpty() ? new Taken() : new Refused(refused, reasonOf(response));
    } catch (SdkException unreachable) {
      return new Refused(
          batch.stream().map(Body::letter).toList(), String.valueOf(unreachable.getMessage()));
    }
  }

  private static List<DeadLetter> notTaken(List<Body> batch, SendMessageBatchResponse response) {
    List<String> taken =
        response.successful().stream().map(SendMessageBatchResultEntry::id).toList();
    List<DeadLetter> refused = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      if (!taken.contains(String.valueOf(i))) {
        refused.add(batch.get(i).letter());
      }
    }
    return refused;
  }

  private static String reasonOf(SendMessageBatchResponse response) {
    return response.failed().stream()
        .map(SqsDeadLetters::reasonOf)
        .findFirst()
        .orElse("SQS did not say what became of a letter");
  }

  private static String reasonOf(BatchResultErrorEntry failed) {
    return failed.code() + ": " + failed.message();
  }
}
