package dev.confab.consumer;

import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.kinesis.leases.Lease;
import software.amazon.kinesis.leases.LeaseCoordinator;

/** The leases that KCL has in memory, of whose coordinator only what this module asks is there. */
final class FakeLeaseCoordinator {
  private final Map<String, Lease> held = new HashMap<>();
  private final Map<String, Lease> late = new HashMap<>();
  final LeaseCoordinator coordinator =
      (LeaseCoordinator)
          Proxy.newProxyInstance(
              LeaseCoordinator.class.getClassLoader(),
              new Class<?>[] {LeaseCoordinator.class},
              (_, method, arguments) -> answer(method.getName(), arguments));

  private @Nullable Object answer(String method, @Nullable Object @Nullable [] arguments) {
    Object argument = Objects.requireNonNull(Objects.requireNonNull(arguments)[0]);
    return switch (method) {
      case "getCurrentlyHeldLease" -> held.get(argument);
      case "dropLease" -> held.remove(((Lease) argument).leaseKey());
      default -> throw new UnsupportedOperationException(method);
    };
  }

  /** The lease of a shard is won, or won again: each time it has another token. */
  void win(String shardId) {
    Lease lease = new Lease();
    lease.leaseKey(shardId);
    lease.concurrencyToken(UUID.randomUUID());
    held.put(shardId, lease);
  }

  /** Wasn't renewed in time. */
  void lose(String shardId) {
    late.put(shardId, held.remove(shardId));
  }

  /** Is renewed after all, since nobody else has taken it. */
  void renewLate(String shardId) {
    held.put(shardId, late.remove(shardId));
  }

  boolean isHeld(String shardId) {
    return held.containsKey(shardId);
  }
}
