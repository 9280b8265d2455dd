package dev.confab.load.simulation;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Simulated time, and those who wait in it. Code that blocks runs as a fiber: a virtual thread that
 * goes on only when it is handed control and gives it back when it sleeps, so that one thing
 * happens at a time and always in the same order. Code that doesn't block runs as an event of the
 * loop.
 */
final class Fibers extends Clock {
  static final Instant START = Instant.parse("2026-11-24T02:04:05Z");

  private record Event(Instant at, long number, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = at.compareTo(other.at);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  /** Code that may sleep. */
  final class Fiber {
    private final Thread thread;
    private final Fiber origin;
    private volatile boolean isRunning;
    private volatile boolean isOver;
    private long wait;
    private @Nullable Throwable failure;

    private Fiber(Runnable body, @Nullable Fiber parent) {
      origin = parent == null ? this : parent.origin;
      thread =
          Thread.ofVirtual()
              .unstarted(
                  () -> {
                    try {
                      body.run();
                    } catch (Throwable thrown) {
                      failure = thrown;
                    } finally {
                      isOver = true;
                      isRunning = false;
                      LockSupport.unpark(loop);
                    }
                  });
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Set<Fiber> fibers = new LinkedHashSet<>();
  private @Nullable Thread loop;
  private @Nullable Fiber current;
  private Instant now = START;
  private long count;

  @Override
  public Instant instant() {
    return now;
  }

  /** How many events there have been. */
  long count() {
    return count;
  }

  void at(Instant when, Runnable action) {
    events.add(new Event(when.isBefore(now) ? now : when, count++, action));
  }

  void after(Duration time, Runnable action) {
    at(now.plus(time), action);
  }

  /** Begins code that may sleep, soon. */
  Fiber spawn(Runnable body) {
    Fiber fiber = new Fiber(body, current);
    fibers.add(fiber);
    at(now, () -> resume(fiber));
    return fiber;
  }

  /** Lets time pass for the calling fiber; others go on meanwhile. */
  void sleep(Duration time) {
    Fiber fiber = currentFiber();
    long wait = ++fiber.wait;
    after(time, () -> resume(fiber, wait));
    giveUpControl(fiber);
  }

  /** Ends the sleep that a fiber is in, soon. */
  void wake(Fiber fiber) {
    long wait = fiber.wait;
    at(now, () -> resume(fiber, wait));
  }

  Fiber currentFiber() {
    Fiber fiber = current;
    if (fiber == null) {
      throw new IllegalStateException("only a fiber may sleep");
    }
    return fiber;
  }

  /** The fiber that the calling one, or whoever it was begun by, began as. */
  Fiber origin() {
    return currentFiber().origin;
  }

  private void giveUpControl(Fiber fiber) {
    fiber.isRunning = false;
    LockSupport.unpark(loop);
    while (!fiber.isRunning) {
      LockSupport.park();
    }
  }

  private void resume(Fiber fiber, long wait) {
    if (fiber.wait == wait) { // else it was woken before
      resume(fiber);
    }
  }

  private void resume(Fiber fiber) {
    if (fiber.isOver) {
      return;
    }
    fiber.wait++;
    current = fiber;
    fiber.isRunning = true;
    if (fiber.thread.getState() == Thread.State.NEW) {
      fiber.thread.start();
    } else {
      LockSupport.unpark(fiber.thread);
    }
    while (fiber.isRunning) {
      LockSupport.park();
    }
    current = null;
    if (fiber.isOver) {
      fibers.remove(fiber);
      if (fiber.failure != null && !(fiber.failure instanceof Crashed)) {
        throw new IllegalStateException("a fault of the simulation", fiber.failure);
      }
    }
  }

  /**
   * Runs what runs the loop. On a virtual thread: handing control from one to another costs no
   * switch of the operating system.
   */
  <T> T loop(Supplier<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              loop = Thread.currentThread();
              try {
                result.complete(work.get());
              } catch (Throwable fault) {
                result.completeExceptionally(fault);
              }
            });
    return result.join();
  }

  /** Lets time pass, and happen what happens in it. Not from a fiber. */
  void run(Duration time) {
    Instant end = now.plus(time);
    for (Event next = events.peek(); next != null && !next.at.isAfter(end); next = events.peek()) {
      events.remove();
      now = next.at;
      next.action.run();
    }
    now = end;
  }

  /**
   * Ends every fiber. Each is handed control once more and must come to its end: what it calls
   * throws {@link Crashed}.
   */
  void end() {
    events.clear();
    for (Fiber fiber : List.copyOf(fibers)) {
      if (fiber.thread.getState() == Thread.State.NEW) {
        continue;
      }
      resume(fiber);
    }
    List<Fiber> left = new ArrayList<>(fibers);
    left.removeIf(fiber -> fiber.thread.getState() == Thread.State.NEW);
    if (!left.isEmpty()) {
      throw new IllegalStateException(left.size() + " fibers go on after the end");
    }
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return Clock.fixed(now, zone);
  }
}
