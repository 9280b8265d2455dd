package dev.confab.persist;

import dev.confab.events.ChatEvent;
import dev.confab.events.ChatEvents;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** A Kinesis stream, by PutRecord. */
final class KinesisEventStream implements EventStream {
  private final KinesisClient kinesis;
  private final String streamName;

  KinesisEventStream(KinesisClient kinesis, String streamName) {
    this.kinesis = kinesis;
    this.streamName = streamName;
  }

  @Override
  public void put(ChatEvent event) {
    try {
      kinesis.putRecord(
          record ->
              record
                  .streamName(streamName)
                  .partitionKey(event.chatId().value())
                  .data(SdkBytes.fromByteArray(ChatEvents.encode(event))));
    } catch (SdkException notPut) {
      throw new StreamUnavailableException(streamName + ": " + notPut.getMessage(), notPut);
    }
  }
}
