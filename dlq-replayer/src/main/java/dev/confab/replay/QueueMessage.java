package dev.confab.replay;

import java.time.Instant;

/**
 * A message as SQS handed it out. Hidden from others until its visibility ends.
 *
 * @param handle names this handing-out; a later one of the same message has another
 * @param body not yet decoded; at most 1 MiB, SQS' limit
 * @param sentAt when SQS took it, by SQS' clock, in milliseconds
 */
record QueueMessage(String id, String handle, String body, Instant sentAt) {

  /** The same message without its body: what it takes to delete it or to give it back. */
  QueueMessage withoutBody() {
    return new QueueMessage(id, handle, "", sentAt);
  }
}
