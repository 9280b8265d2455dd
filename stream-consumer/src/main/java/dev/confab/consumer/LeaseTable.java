package dev.confab.consumer;

import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.kinesis.common.HashKeyRangeForLease;
import software.amazon.kinesis.leases.Lease;
import software.amazon.kinesis.leases.LeaseRefresher;
import software.amazon.kinesis.leases.exceptions.DependencyException;
import software.amazon.kinesis.leases.exceptions.InvalidStateException;
import software.amazon.kinesis.leases.exceptions.ProvisionedThroughputException;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

/** What the host does in KCL's lease table that KCL doesn't do itself. */
final class LeaseTable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseTable.class);

  private static final long POLL_SECONDS = 1;
  private static final long TIMEOUT_SECONDS = 60;

  /** The row of a worker's metrics has the worker's id where a lease has its shard's. */
  private static final String KEY = "leaseKey";

  private final LeaseRefresher leases;
  private final DynamoDbAsyncClient dynamoDb;
  private final String tableName;
  private final String workerId;

  LeaseTable(
      LeaseRefresher leases, DynamoDbAsyncClient dynamoDb, String tableName, String workerId) {
    this.leases = leases;
    this.dynamoDb = dynamoDb;
    this.tableName = tableName;
    this.workerId = workerId;
  }

  /**
   * Makes the table, and, where it is empty, a lease for each shard from which reading everything
   * begins, owned by this worker. KCL would do the same after a minute and a half of waiting for
   * others to do it. Several workers may do this at once.
   */
  void seed(StreamShards shards)
      throws DependencyException, InvalidStateException, ProvisionedThroughputException {
    var _ = leases.createLeaseTableIfNotExists();
    if (!leases.waitUntilLeaseTableExists(POLL_SECONDS, TIMEOUT_SECONDS)) {
      throw new InvalidStateException("the lease table " + tableName + " is not there yet");
    }
    if (!leases.isLeaseOwnerToLeaseKeyIndexActive()) {
      var _ = leases.createLeaseOwnerToLeaseKeyIndexIfNotExists();
      var _ = leases.waitUntilLeaseOwnerToLeaseKeyIndexExists(POLL_SECONDS, TIMEOUT_SECONDS);
    }
    if (leases.isLeaseTableEmpty()) {
      List<Shard> first = shards.atTrimHorizon();
      LOG.info("{}: no leases yet, begins with {} shards", tableName, first.size());
      for (Shard shard : first) {
        leases.createLeaseIfNotExists(lease(shard));
      }
    }
  }

  private Lease lease(Shard shard) {
    Lease lease = new Lease();
    lease.leaseKey(shard.shardId());
    lease.leaseCounter(0L);
    lease.ownerSwitchesSinceCheckpoint(0L);
    lease.checkpoint(ExtendedSequenceNumber.TRIM_HORIZON);
    lease.hashKeyRange(HashKeyRangeForLease.fromHashKeyRange(shard.hashKeyRange()));
    lease.leaseOwner(workerId);
    return lease;
  }

  /**
   * Lets others have this worker's shards at once: without it they wait until the leases run out.
   * First the worker's row of metrics goes, else the leader takes the worker for alive and gives it
   * the shards back.
   */
  void free() throws DependencyException, InvalidStateException, ProvisionedThroughputException {
    var _ =
        dynamoDb
            .deleteItem(
                request ->
                    request.tableName(tableName).key(Map.of(KEY, AttributeValue.fromS(workerId))))
            .join();
    for (Lease lease : leases.listLeases()) {
      if (workerId.equals(lease.leaseOwner())) {
        boolean freed = leases.evictLease(lease); // refused where it is another's by now
        LOG.info("{}: {}", lease.leaseKey(), freed ? "freed" : "another worker has it");
      }
    }
  }
}
