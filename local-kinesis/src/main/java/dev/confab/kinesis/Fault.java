package dev.confab.kinesis;

import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * What goes wrong with a call that {@link Faults} picked. Nothing is processed unless the fault
 * says so.
 */
public sealed interface Fault {

  /**
   * The call is answered with an error.
   *
   * @param type the error's name on the wire
   * @param status the HTTP status, 400 to 599; SDKs retry 5xx and throttling
   */
  record ErrorAnswer(String type, int status, String message) implements Fault {
    public ErrorAnswer {
      if (status < 400 || status > 599) {
        throw new IllegalArgumentException("an error's status is 400 to 599, not " + status);
      }
    }
  }

  /** The connection is reset before the call is processed: nothing happened. */
  record ResetBefore() implements Fault {}

  /**
   * The call is processed and the connection reset instead of an answer: the ack is lost, the
   * record is in.
   */
  record ResetAfter() implements Fault {}

  /**
   * The call is processed once a hook has returned. It runs in the call's own thread and may block,
   * so a test can hold an answer back with a latch; if it throws, the call is answered with an
   * InternalFailure.
   */
  record HeldBy(Runnable hook) implements Fault {}

  /** Some records of a PutRecords fail, the others are put; of no effect on other operations. */
  record RecordsRefused(RecordSelector which, String errorCode, String message) implements Fault {}

  /** Says which records of a PutRecords fail. */
  @FunctionalInterface
  interface RecordSelector {
    /**
     * Whether a record fails.
     *
     * @param place the record's place in the request, from 0
     */
    boolean refuses(int place, String partitionKey);
  }

  /** What AWS answers when a shard's limit is reached. */
  static Fault throttled() {
    return new ErrorAnswer(
        PutResult.THROUGHPUT_EXCEEDED, 400, "Rate exceeded, as a fault rule wants it.");
  }

  /** What AWS answers when it failed itself. */
  static Fault internalFailure() {
    return new ErrorAnswer(PutResult.INTERNAL_FAILURE, 500, "Failed, as a fault rule wants it.");
  }

  /** The records at these places, from 0, are throttled. */
  static Fault recordsThrottled(Integer... places) {
    Set<Integer> refused = Set.copyOf(List.of(places));
    return new RecordsRefused(
        (place, _) -> refused.contains(place),
        PutResult.THROUGHPUT_EXCEEDED,
        "Rate exceeded, as a fault rule wants it.");
  }

  /**
   * A share of all records is throttled, the same ones for the same seed and order of calls.
   *
   * @param share 0 to 1
   */
  static Fault recordsThrottledAtRandom(double share, long seed) {
    Random random = new Random(seed);
    return new RecordsRefused(
        (_, _) -> {
          synchronized (random) {
            return random.nextDouble() < share;
          }
        },
        PutResult.THROUGHPUT_EXCEEDED,
        "Rate exceeded, as a fault rule wants it.");
  }
}
