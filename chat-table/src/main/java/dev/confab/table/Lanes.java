package dev.confab.table;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Many small requests, a bounded number at a time. */
final class Lanes {
  /** Below the 50 connections that the SDK's HTTP clients keep by default. */
  static final int MAX_LANES = 16;

  private Lanes() {}

  /**
   * Asks for each key's value, in as many lanes as there may be, each asking one at a time.
   *
   * @param executor one that runs what it is given at once will do too
   * @return a value for each key, in the order given
   * @throws TableUnavailableException if a question threw it, once every lane has ended
   */
  static <K, V> Map<K, V> each(Collection<K> keys, Function<K, V> ask, Executor executor) {
    List<K> distinct = List.copyOf(new LinkedHashSet<>(keys));
    int lanes = Math.min(MAX_LANES, distinct.size());
    List<CompletableFuture<Map<K, V>>> running = new ArrayList<>();
    for (int lane = 0; lane < lanes; lane++) {
      int first = lane;
      running.add(
          CompletableFuture.supplyAsync(
              () -> {
                Map<K, V> answers = new LinkedHashMap<>();
                for (int i = first; i < distinct.size(); i += lanes) {
                  answers.put(distinct.get(i), ask.apply(distinct.get(i)));
                }
                return answers;
              },
              executor));
    }
    try {
      CompletableFuture.allOf(running.toArray(CompletableFuture<?>[]::new)).join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof TableUnavailableException unavailable) {
        throw unavailable;
      }
      throw failed;
    }
    Map<K, V> answers = new LinkedHashMap<>();
    for (int i = 0; i < distinct.size(); i++) {
      K key = distinct.get(i);
      answers.put(key, running.get(i % lanes).join().get(key));
    }
    return answers;
  }
}
