package dev.confab.fanout;

import dev.confab.consumer.DeadLetters;
import dev.confab.events.DeadLetter;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue as the host of the fan-out may use it. Both stages read every record, and persist alone
 * reports one that is malformed or in a wrong shard: reported twice, it could be posted as new
 * twice. What the fan-out alone can't do is its own to report. As thread-safe as the queue.
 */
public final class OwnLetters implements DeadLetters {
  private static final Logger log = LoggerFactory.getLogger(OwnLetters.class);

  /** The class of a record on which this build of the fan-out has a fault. */
  static final String FAULT = "FanoutFault";

  private final DeadLetters queue;

  public OwnLetters(DeadLetters queue) {
    this.queue = queue;
  }

  @Override
  public Receipt send(List<DeadLetter> letters) {
    List<DeadLetter> own = letters.stream().filter(OwnLetters::isOwn).toList();
    if (own.size() < letters.size()) {
      log.info("{} records are persist's to report", letters.size() - own.size());
    }
    return own.isEmpty() ? new Taken() : queue.send(own);
  }

  private static boolean isOwn(DeadLetter letter) {
    return switch (letter) {
      case DeadLetter.PushLetter _ -> true;
      case DeadLetter.RecordLetter record -> record.failure().errorClass().equals(FAULT);
    };
  }
}
