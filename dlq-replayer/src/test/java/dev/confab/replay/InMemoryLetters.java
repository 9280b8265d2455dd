package dev.confab.replay;

import dev.confab.events.DeadLetter;
import dev.confab.events.DeadLetterCodec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A dead-letter queue in memory, with SQS' visibility by an injected clock. Hands out in the order
 * sent, which SQS doesn't promise.
 */
final class InMemoryLetters implements Letters {
  private static final class Slot {
    private final String id;
    private final String body;
    private final Instant sentAt;
    private Instant visibleAt;
    private String handle = "";

    private Slot(String id, String body, Instant now) {
      this.id = id;
      this.body = body;
      this.sentAt = now;
      this.visibleAt = now;
    }
  }

  private final Stage stage;
  private final Clock clock;
  private final List<Slot> slots = new ArrayList<>();
  private final Map<String, String> undeletable = new HashMap<>();
  private final Set<Runnable> beforeDelete = new HashSet<>();
  private String outage = "";
  private int sent;
  private int handedOut;
  private int hides;

  InMemoryLetters(Stage stage, Clock clock) {
    this.stage = stage;
    this.clock = clock;
  }

  /** Puts a letter there, as a consumer does. */
  synchronized String add(DeadLetter letter) {
    return add(DeadLetterCodec.encode(letter));
  }

  /** Puts anything there, as anybody can. */
  synchronized String add(String body) {
    String id = stage.word() + "-" + ++sent;
    slots.add(new Slot(id, body, clock.instant()));
    return id;
  }

  /** What lies there, in hand or not. */
  synchronized List<String> bodies() {
    return slots.stream().map(slot -> slot.body).toList();
  }

  synchronized List<DeadLetter> letters() {
    return bodies().stream()
        .map(body -> ((Received.Ours) Received.content(body)).letter())
        .toList();
  }

  /** Every call throws, until it is ended with an empty reason. */
  synchronized void outage(String reason) {
    outage = reason;
  }

  /** SQS refuses to delete this one. */
  synchronized void refuseToDelete(String id, String reason) {
    undeletable.put(id, reason);
  }

  /** Runs before each deletion, on the deleting thread. */
  synchronized void beforeDelete(Runnable hook) {
    beforeDelete.add(hook);
  }

  /** How often letters were hidden anew or given back. */
  synchronized int hides() {
    return hides;
  }

  private void check() {
    if (!outage.isEmpty()) {
      throw new CannotGoOnException(outage);
    }
  }

  @Override
  public Stage stage() {
    return stage;
  }

  @Override
  public String name() {
    return "confab-" + stage.word() + "-dlq";
  }

  @Override
  public synchronized Depth depth() {
    check();
    long visible = slots.stream().filter(this::isVisible).count();
    return new Depth(visible, slots.size() - visible);
  }

  private boolean isVisible(Slot slot) {
    return !slot.visibleAt.isAfter(clock.instant());
  }

  @Override
  public synchronized List<QueueMessage> receive(int max, Duration hidden, Duration wait) {
    check();
    List<QueueMessage> received = new ArrayList<>();
    for (Slot slot : slots) {
      if (received.size() < max && isVisible(slot)) {
        slot.visibleAt = clock.instant().plus(hidden);
        slot.handle = "handle-" + ++handedOut;
        received.add(new QueueMessage(slot.id, slot.handle, slot.body, slot.sentAt));
      }
    }
    return received;
  }

  @Override
  public List<Undeleted> delete(List<QueueMessage> messages) {
    List<Runnable> hooks;
    synchronized (this) {
      hooks = List.copyOf(beforeDelete);
    }
    hooks.forEach(Runnable::run);
    synchronized (this) {
      check();
      List<Undeleted> undeleted = new ArrayList<>();
      for (QueueMessage message : messages) {
        String refusal = undeletable.get(message.id());
        if (refusal == null) {
          slots.removeIf(slot -> slot.handle.equals(message.handle())); // none by an old one
        } else {
          undeleted.add(new Undeleted(message, refusal));
        }
      }
      return undeleted;
    }
  }

  @Override
  public synchronized void hide(List<QueueMessage> messages, Duration time) {
    check();
    hides++;
    for (QueueMessage message : messages) {
      for (Slot slot : slots) {
        if (slot.handle.equals(message.handle()) && !isVisible(slot)) {
          slot.visibleAt = clock.instant().plus(time);
        }
      }
    }
  }

  @Override
  public synchronized List<String> send(List<String> bodies) {
    check();
    bodies.forEach(this::add);
    return bodies.stream().map(_ -> "").toList();
  }
}
