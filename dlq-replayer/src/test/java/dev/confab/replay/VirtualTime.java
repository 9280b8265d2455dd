package dev.confab.replay;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Time that passes only by pausing. What is to happen meanwhile runs on the pausing thread. */
final class VirtualTime extends Clock implements Pause {
  private record Timer(Instant due, Runnable action) {}

  private final List<Timer> timers = new ArrayList<>();
  private Instant now = Instant.parse("2026-11-24T02:04:05.123Z");

  /** Has something happen once that much time has passed. */
  synchronized void after(Duration time, Runnable action) {
    timers.add(new Timer(now.plus(time), action));
  }

  @Override
  public void pause(Duration time) {
    for (Timer due = advance(time); due != null; due = advance(Duration.ZERO)) {
      due.action().run();
    }
  }

  private synchronized @Nullable Timer advance(Duration time) {
    now = now.plus(time);
    Timer due =
        timers.stream()
            .filter(timer -> !timer.due().isAfter(now))
            .min(Comparator.comparing(Timer::due))
            .orElse(null);
    timers.remove(due);
    return due;
  }

  @Override
  public synchronized Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return Clock.fixed(instant(), zone);
  }
}
