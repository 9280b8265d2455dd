package dev.confab.ingest;

import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import dev.confab.events.Position;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;

/**
 * The stream in Kinesis. The client's own retries must be off: each would be a second record that
 * nobody marked as a resend.
 */
final class KinesisStream implements Stream {
  private final KinesisClient kinesis;
  private final String streamName;

  KinesisStream(KinesisClient kinesis, String streamName) {
    this.kinesis = kinesis;
    this.streamName = streamName;
  }

  @Override
  public Put put(ChatEvent event) {
    SdkBytes data = SdkBytes.fromByteArrayUnsafe(ChatEvents.encode(event));
    String partitionKey = event.chatId().value();
    Answer<PutRecordResponse> answer =
        call(
            () ->
                kinesis.putRecord(
                    put -> put.streamName(streamName).partitionKey(partitionKey).data(data)));
    PutRecordResponse response = answer.response();
    return response == null ? new Unknown(answer.reason()) : taken(response.sequenceNumber());
  }

  @Override
  public List<Put> putAll(List<ChatEvent> events) {
    if (events.isEmpty() || events.size() > MAX_EVENTS) {
      throw new IllegalArgumentException("1 to " + MAX_EVENTS + " events at a time");
    }
    List<PutRecordsRequestEntry> records = new ArrayList<>(events.size());
    for (ChatEvent event : events) {
      records.add(
          PutRecordsRequestEntry.builder()
              .partitionKey(event.chatId().value())
              .data(SdkBytes.fromByteArrayUnsafe(ChatEvents.encode(event)))
              .build());
    }
    Answer<PutRecordsResponse> answer =
        call(() -> kinesis.putRecords(put -> put.streamName(streamName).records(records)));
    PutRecordsResponse response = answer.response();
    if (response == null) {
      return Collections.nCopies(events.size(), new Unknown(answer.reason()));
    }
    if (response.records().size() != events.size()) {
      throw new IllegalStateException("PutRecords answered for another number of records");
    }
    return response.records().stream().map(KinesisStream::outcomeOf).toList();
  }

  private static Put outcomeOf(PutRecordsResultEntry record) {
    String refused = record.errorCode();
    return refused == null ? taken(record.sequenceNumber()) : new Unknown(refused);
  }

  private static Put taken(String sequenceNumber) {
    return new Taken(Position.of(sequenceNumber, 0));
  }

  /** A response, or the reason why there is none. */
  private record Answer<T>(@Nullable T response, String reason) {}

  private static <T> Answer<T> call(Supplier<T> request) {
    try {
      return new Answer<>(request.get(), "");
    } catch (ProvisionedThroughputExceededException | LimitExceededException throttled) {
      return new Answer<>(null, reasonOf(throttled));
    } catch (AwsServiceException refused) {
      if (refused.isThrottlingException() || refused.statusCode() >= 500) {
        return new Answer<>(null, reasonOf(refused));
      }
      throw refused;
    } catch (SdkClientException unanswered) { // a time-out, a connection cut
      return new Answer<>(null, String.valueOf(unanswered.getMessage()));
    }
  }

  private static String reasonOf(AwsServiceException refused) {
    AwsErrorDetails details = refused.awsErrorDetails();
    return details == null
        ? refused.getClass().getSimpleName() + " " + refused.statusCode()
        : details.errorCode() + " " + refused.statusCode() + ": " + details.errorMessage();
  }
}
