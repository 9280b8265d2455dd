package dev.confab.persist;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Makes calls side by side, a bounded number at a time.
 *
 * @param executor runs them: virtual threads, or one that runs what it is given at once
 */
record Parallel(Executor executor) {

  /** The answers, in the order of the arguments. What a call throws, this throws. */
  <T, R> List<R> map(List<T> arguments, int atOnce, Function<T, R> call) {
    List<R> answers = new ArrayList<>(arguments.size());
    for (int from = 0; from < arguments.size(); from += atOnce) {
      List<CompletableFuture<R>> calls =
          arguments.subList(from, Math.min(from + atOnce, arguments.size())).stream()
              .map(argument -> CompletableFuture.supplyAsync(() -> call.apply(argument), executor))
              .toList();
      calls.forEach(answer -> answers.add(join(answer)));
    }
    return answers;
  }

  /** An OutOfMemoryError has to reach who halts the process. */
  private static <R> R join(CompletableFuture<R> call) {
    try {
      return call.join();
    } catch (CompletionException failed) {
      switch (failed.getCause()) {
        case Error error -> throw error;
        case RuntimeException fault -> throw fault;
        case null, default -> throw failed;
      }
    }
  }
}
