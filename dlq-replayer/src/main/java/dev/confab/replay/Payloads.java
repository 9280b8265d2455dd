package dev.confab.replay;

import dev.confab.events.Bytes;
import dev.confab.events.DeadLetter;
import dev.confab.events.Position;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The records that letters are about: in the letter itself, or fetched from the stream and checked.
 * Thread-safe.
 */
final class Payloads {

  /** What became of a record. */
  sealed interface Payload {}

  /** Here it is, byte for byte. */
  record Whole(Bytes data) implements Payload {}

  /**
   * Nobody has it any more.
   *
   * @param reason for people
   */
  record Lost(String reason) implements Payload {}

  private final Records records;

  Payloads(Records records) {
    this.records = records;
  }

  Payload of(DeadLetter.RecordLetter letter) {
    return switch (letter.payload()) {
      case DeadLetter.Inline(Bytes data) -> new Whole(data);
      case DeadLetter.Pointer pointer -> fetch(letter.shardId(), letter.position(), pointer);
    };
  }

  private Payload fetch(String shardId, Position position, DeadLetter.Pointer pointer) {
    return switch (records.find(shardId, position.sequenceNumber())) {
      case Records.Gone(String reason) -> new Lost(reason);
      case Records.Found(Bytes data) -> {
        if (isMeant(pointer, data)) {
          yield new Whole(data);
        }
        Optional<Bytes> part = Aggregate.part(data, position.subSequenceNumber());
        yield part.isPresent() && isMeant(pointer, part.get())
            ? new Whole(part.get())
            : new Lost("what lies at its place is another record: its SHA-256 differs");
      }
    };
  }

  private static boolean isMeant(DeadLetter.Pointer pointer, Bytes data) {
    return data.size() == pointer.bytes() && sha256(data).equals(pointer.sha256());
  }

  /** 64 hex digits. */
  static String sha256(Bytes data) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data.toArray()));
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new AssertionError(everyPlatformHasIt);
    }
  }
}
