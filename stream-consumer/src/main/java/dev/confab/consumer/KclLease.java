package dev.confab.consumer;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.kinesis.leases.Lease;
import software.amazon.kinesis.leases.LeaseCoordinator;

/**
 * A shard's lease as KCL's coordinator has it in memory. A lease that was lost and won again has
 * another token; one that wasn't renewed in time is gone from memory as soon as the clock says so,
 * even if the process was frozen meanwhile.
 */
final class KclLease implements dev.confab.consumer.Lease {
  private final LeaseCoordinator coordinator;
  private final String shardId;
  private final @Nullable UUID token;
  private volatile boolean lost;

  /** The lease as it is now. */
  KclLease(LeaseCoordinator coordinator, String shardId) {
    this.coordinator = coordinator;
    this.shardId = shardId;
    Lease now = coordinator.getCurrentlyHeldLease(shardId);
    this.token = now == null ? null : now.concurrencyToken();
  }

  @Override
  public boolean isHeld() {
    if (!lost && inMemory() == null) {
      lost = true;
    }
    return !lost;
  }

  /**
   * Lets KCL lose it, if it is still there: KCL then ends this shard's consumer, and whoever gets
   * the lease next, perhaps this worker, reads again from the checkpoint.
   */
  void drop() {
    Lease lease = inMemory();
    if (lease != null) {
      coordinator.dropLease(lease);
    }
  }

  private @Nullable Lease inMemory() {
    Lease now = coordinator.getCurrentlyHeldLease(shardId);
    return now != null && token != null && token.equals(now.concurrencyToken()) ? now : null;
  }
}
