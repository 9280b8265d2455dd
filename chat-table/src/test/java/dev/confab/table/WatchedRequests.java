package dev.confab.table;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Counts a client's requests, and lets another's change come right before one of them. */
final class WatchedRequests implements ExecutionInterceptor {
  private final List<SdkRequest> made = new CopyOnWriteArrayList<>();
  private final Deque<Runnable> crossing = new ArrayDeque<>();
  private @Nullable Class<? extends SdkRequest> crossed;

  /** Right before each of the next requests of a kind, one of these happens. */
  void before(Class<? extends SdkRequest> kind, Runnable... changes) {
    crossed = kind;
    crossing.addAll(List.of(changes));
  }

  @Override
  public void beforeExecution(
      Context.BeforeExecution context, ExecutionAttributes executionAttributes) {
    SdkRequest request = context.request();
    made.add(request);
    if (crossed != null && crossed.isInstance(request) && !crossing.isEmpty()) {
      crossing.remove().run();
    }
  }

  /** The names of the requests since this was asked last, in their order. */
  List<String> madeSince() {
    List<String> names = made.stream().map(request -> request.getClass().getSimpleName()).toList();
    made.clear();
    return names;
  }
}
