package dev.confab.consumer;

import static dev.confab.consumer.ListedShards.shard;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemResponse;
import software.amazon.kinesis.leases.Lease;
import software.amazon.kinesis.leases.LeaseRefresher;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

class LeaseTableTest {
  private final List<Lease> leases = new ArrayList<>();
  private final List<String> calls = new ArrayList<>();
  private final ListedShards kinesis = new ListedShards();
  private final LeaseTable table = new LeaseTable(refresher(), new OnlyDeletes(), "app", "me");

  /** KCL's way to the table, of which only what is asked here is there. */
  private LeaseRefresher refresher() {
    return (LeaseRefresher)
        Proxy.newProxyInstance(
            LeaseRefresher.class.getClassLoader(),
            new Class<?>[] {LeaseRefresher.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "createLeaseTableIfNotExists",
                      "waitUntilLeaseTableExists",
                      "isLeaseOwnerToLeaseKeyIndexActive" ->
                      true;
                  case "isLeaseTableEmpty" -> leases.isEmpty();
                  case "listLeases" -> List.copyOf(leases);
                  case "createLeaseIfNotExists" -> leases.add(leaseOf(arguments));
                  case "evictLease" -> calls.add("evict " + leaseOf(arguments).leaseKey());
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private static Lease leaseOf(@Nullable Object @Nullable [] arguments) {
    return (Lease) Objects.requireNonNull(Objects.requireNonNull(arguments)[0]);
  }

  private final class OnlyDeletes implements DynamoDbAsyncClient {
    @Override
    public CompletableFuture<DeleteItemResponse> deleteItem(
        Consumer<DeleteItemRequest.Builder> request) {
      DeleteItemRequest delete = DeleteItemRequest.builder().applyMutation(request).build();
      calls.add(
          "delete "
              + delete.tableName()
              + " "
              + Objects.requireNonNull(delete.key().get("leaseKey")).s());
      return CompletableFuture.completedFuture(DeleteItemResponse.builder().build());
    }

    @Override
    public String serviceName() {
      return SERVICE_NAME;
    }

    @Override
    public void close() {}
  }

  private static Lease lease(String shardId, @Nullable String owner) {
    Lease lease = new Lease();
    lease.leaseKey(shardId);
    lease.leaseOwner(owner);
    return lease;
  }

  @Test
  void emptyTable_getsALeaseForEachShard_fromItsOldestRecordOn() throws Exception {
    kinesis.inStream.add(shard("a", "0", "49", "100", null));
    kinesis.inStream.add(shard("b", "50", "99", "100", null));

    table.seed(new StreamShards(kinesis, "chat"));

    assertThat(leases).extracting(Lease::leaseKey).containsExactly("a", "b");
    assertThat(leases)
        .extracting(Lease::checkpoint)
        .containsOnly(ExtendedSequenceNumber.TRIM_HORIZON);
    assertThat(leases).extracting(Lease::leaseOwner).containsOnly("me");
  }

  @Test
  void tableWithLeases_isLeftAsItIs() throws Exception {
    kinesis.inStream.add(shard("a", "0", "99", "100", null));
    leases.add(lease("z", "another"));

    table.seed(new StreamShards(kinesis, "chat"));

    assertThat(leases).hasSize(1);
  }

  /** With its row still there it would count as alive, and be given the shards back. */
  @Test
  void freeing_deletesTheWorkersRow_thenGivesUpItsOwnLeasesAlone() throws Exception {
    leases.add(lease("a", "me"));
    leases.add(lease("b", "another"));
    leases.add(lease("c", null));
    leases.add(lease("d", "me"));

    table.free();

    assertThat(calls).containsExactly("delete app me", "evict a", "evict d");
  }
}
