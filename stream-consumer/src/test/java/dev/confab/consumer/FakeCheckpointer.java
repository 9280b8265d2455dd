package dev.confab.consumer;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.kinesis.processor.RecordProcessorCheckpointer;

/** Keeps what KCL's checkpointer was called with, and fails when a test says so. */
final class FakeCheckpointer {
  final List<String> calls = new ArrayList<>();
  final RecordProcessorCheckpointer checkpointer =
      (RecordProcessorCheckpointer)
          Proxy.newProxyInstance(
              RecordProcessorCheckpointer.class.getClassLoader(),
              new Class<?>[] {RecordProcessorCheckpointer.class},
              (_, method, arguments) -> {
                calls.add(
                    method.getName() + (arguments == null ? "[]" : Arrays.toString(arguments)));
                throwFailure();
                return null;
              });
  private @Nullable Throwable failure;

  /** From now on each call fails so. */
  void fail(Throwable failure) {
    this.failure = failure;
  }

  private void throwFailure() throws Throwable {
    if (failure != null) {
      throw failure;
    }
  }
}
