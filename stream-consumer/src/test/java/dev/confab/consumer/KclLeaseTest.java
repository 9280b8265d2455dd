package dev.confab.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KclLeaseTest {
  private static final String SHARD = "shardId-000000000000";
  private final FakeLeaseCoordinator kcl = new FakeLeaseCoordinator();

  @BeforeEach
  void win() {
    kcl.win(SHARD);
  }

  @Test
  void leaseInMemory_isHeld() {
    assertThat(lease().isHeld()).isTrue();
  }

  @Test
  void leaseThatIsGone_isLost() {
    KclLease lease = lease();

    kcl.lose(SHARD);

    assertThat(lease.isHeld()).isFalse();
  }

  /** Meanwhile another worker may have gone on, and this one's memory of the shard is old. */
  @Test
  void leaseWonAgain_isAnother() {
    KclLease lease = lease();

    kcl.win(SHARD);

    assertThat(lease.isHeld()).isFalse();
    assertThat(lease().isHeld()).isTrue();
  }

  /** Who saw it lost has given up on it: it must not be held for another to use. */
  @Test
  void leaseThatWasLost_staysLost() {
    KclLease lease = lease();
    kcl.lose(SHARD);
    assertThat(lease.isHeld()).isFalse();

    kcl.renewLate(SHARD);

    assertThat(lease.isHeld()).isFalse();
  }

  @Test
  void leaseThatIsNotThereAtFirst_neverCounts() {
    kcl.lose(SHARD);
    KclLease lease = lease();

    kcl.win(SHARD);

    assertThat(lease.isHeld()).isFalse();
  }

  @Test
  void drop_hasKclLoseIt() {
    KclLease lease = lease();

    lease.drop();

    assertThat(lease.isHeld()).isFalse();
    assertThat(kcl.isHeld(SHARD)).isFalse();
  }

  @Test
  void drop_leavesALeaseThatWasWonAgain() {
    KclLease lease = lease();
    kcl.win(SHARD);

    lease.drop();

    assertThat(kcl.isHeld(SHARD)).isTrue();
  }

  private KclLease lease() {
    return new KclLease(kcl.coordinator, SHARD);
  }
}
