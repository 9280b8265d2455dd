package dev.confab.load;

import dev.confab.load.verify.Proxy;
import dev.confab.load.verify.Proxy.Call;
import dev.confab.load.verify.Proxy.Reaction;
import java.io.IOException;
import java.net.URI;
import java.util.function.Function;

/** A proxy that passes every call until a test says otherwise. Thread-safe. */
final class Breaker implements AutoCloseable {
  private final Proxy proxy;
  private volatile Function<Call, Reaction> rule = Reaction::pass;

  /**
   * @param service without a path
   */
  Breaker(URI service) throws IOException {
    proxy = new Proxy(service, call -> rule.apply(call));
  }

  URI uri() {
    return proxy.uri();
  }

  /** From now on, this decides. */
  void react(Function<Call, Reaction> newRule) {
    rule = newRule;
  }

  /** From now on, every call passes. */
  void pass() {
    rule = Reaction::pass;
  }

  @Override
  public void close() {
    proxy.close();
  }
}
