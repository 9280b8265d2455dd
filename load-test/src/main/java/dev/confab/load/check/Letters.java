package dev.confab.load.check;

import dev.confab.consumer.StreamRecord;
import dev.confab.events.Bytes;
import dev.confab.events.DeadLetter;
import dev.confab.events.Position;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The dead letters of a run. */
final class Letters {
  private final List<History.Letter> all;

  /** Of persist, by the position of the record; whether one lies in the queue. */
  private final Map<Position, Boolean> ofPersist = new HashMap<>();

  Letters(List<History.Letter> all) {
    this.all = all;
    for (History.Letter one : all) {
      if (one.stage().equals(History.Letter.PERSIST)
          && one.letter() instanceof DeadLetter.RecordLetter record) {
        ofPersist.merge(record.position(), one.isInQueue(), Boolean::logicalOr);
      }
    }
  }

  /** Whether a record ever got a letter of persist. */
  boolean everHad(Position position) {
    return ofPersist.containsKey(position);
  }

  /** Whether a letter of persist about a record lies in the queue. */
  boolean has(Position position) {
    return ofPersist.getOrDefault(position, false);
  }

  void check(Truth truth, Report.Builder report) {
    for (History.Letter one : all) {
      String wrong =
          switch (one.letter()) {
            case DeadLetter.RecordLetter letter -> wrong(letter, truth.at(letter.position()));
            case DeadLetter.PushLetter letter ->
                truth.chain(letter.chatId()).keySet().containsAll(letter.positions())
                    ? null
                    : letter.chatId() + " has no such positions: " + letter.positions();
          };
      if (wrong != null) {
        report.add(Finding.LETTER_DIFFERS, one.stage() + ": " + wrong);
      }
    }
  }

  private static @Nullable String wrong(
      DeadLetter.RecordLetter letter, List<StreamRecord> onStream) {
    for (StreamRecord record : onStream) {
      if (record.partitionKey().equals(letter.partitionKey())
          && isOf(letter.payload(), record.data())) {
        return null;
      }
    }
    return onStream.isEmpty()
        ? "the stream has nothing at " + letter.position()
        : "the stream has something else at " + letter.position();
  }

  private static boolean isOf(DeadLetter.Payload payload, Bytes data) {
    return switch (payload) {
      case DeadLetter.Inline(Bytes inLetter) -> inLetter.equals(data);
      case DeadLetter.Pointer(String sha256, long bytes) ->
          bytes == data.size() && sha256.equals(sha256(data));
    };
  }

  private static String sha256(Bytes data) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data.toArray()));
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new AssertionError(everyPlatformHasIt);
    }
  }
}
