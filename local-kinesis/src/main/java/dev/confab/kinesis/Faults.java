package dev.confab.kinesis;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Faults on demand. A call meets the oldest rule that picks it, and only that one. Thread-safe; a
 * rule applies to calls that arrive after the method has returned.
 */
public final class Faults {
  private final List<Rule> rules = new CopyOnWriteArrayList<>();
  private final Runnable dropSubscriptions;

  Faults(Runnable dropSubscriptions) {
    this.dropSubscriptions = dropSubscriptions;
  }

  /** A rule in force until it is closed. */
  public interface Scope extends AutoCloseable {
    @Override
    void close();
  }

  private record Rule(Predicate<Call> when, AtomicInteger left, Fault fault) {
    boolean picks(Call call) {
      return when.test(call) && left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
    }
  }

  /** The next so many calls of an operation meet a fault. */
  public void next(Operation operation, int times, Fault fault) {
    next(call -> call.operation() == operation, times, fault);
  }

  /** The next so many calls that a predicate picks meet a fault. */
  public void next(Predicate<Call> when, int times, Fault fault) {
    if (times < 1) {
      throw new IllegalArgumentException("times must be at least 1, not " + times);
    }
    rules.add(new Rule(when, new AtomicInteger(times), fault));
  }

  /** Every call that a predicate picks meets a fault, until the scope is closed. */
  public Scope whenever(Predicate<Call> when, Fault fault) {
    Rule rule = new Rule(when, new AtomicInteger(Integer.MAX_VALUE), fault);
    rules.add(rule);
    return () -> rules.remove(rule);
  }

  /** Drops every rule. */
  public void clear() {
    rules.clear();
  }

  /** Resets the connection of every subscription there is now, as a failing network would. */
  public void dropSubscriptions() {
    dropSubscriptions.run();
  }

  boolean isEmpty() {
    return rules.isEmpty();
  }

  Optional<Fault> pick(Call call) {
    Optional<Rule> picked = rules.stream().filter(rule -> rule.picks(call)).findFirst();
    picked.filter(rule -> rule.left().get() == 0).ifPresent(rules::remove);
    return picked.map(Rule::fault);
  }
}
