package dev.confab.consumer;

import static dev.confab.consumer.ListedShards.shard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;

class StreamShardsTest {
  private final ListedShards kinesis = new ListedShards();
  private final List<Shard> inStream = kinesis.inStream;
  private final List<ListShardsRequest> requests = kinesis.requests;
  private final StreamShards shards = new StreamShards(kinesis, "chat");

  @Test
  void range_isThatOfTheShard_onWhateverPageItStands() {
    inStream.add(shard("a", "0", "9", "100", null));
    inStream.add(shard("b", "10", "99", "100", null));

    assertThat(shards.rangeOf("b")).isEqualTo(HashRange.parse("10", "99"));
    assertThat(requests.get(0).streamName()).isEqualTo("chat");
    assertThat(requests.get(1).streamName()).isNull(); // Kinesis refuses a name beside a token
  }

  @Test
  void shardThatCameLater_isListedWhenAskedFor() {
    inStream.add(shard("a", "0", "99", "100", null));
    shards.refresh();
    inStream.add(shard("b", "0", "99", "200", null));

    assertThat(shards.rangeOf("b")).isNotNull();
    assertThat(shards.rangeOf("never")).isNull();
  }

  @Test
  void open_countsThoseThatTakeRecords() {
    assertThat(shards.open()).isEqualTo(1);
    inStream.add(shard("a", "0", "99", "100", "150"));
    inStream.add(shard("b", "0", "49", "200", null));
    inStream.add(shard("c", "50", "99", "200", null));
    shards.refresh();

    assertThat(shards.open()).isEqualTo(2);
  }

  @Test
  void childThatBeginsAboveItsParents_isWell() {
    inStream.add(shard("a", "0", "49", "100", "150"));
    inStream.add(shard("b", "50", "99", "100", "1000"));
    inStream.add(child("c", "1001", "a", "b"));
    shards.refresh();

    assertThat(shards.isAboveItsParents("c")).isTrue();
    assertThat(shards.isAboveItsParents("a")).isTrue();
  }

  @Test
  void childThatBeginsBelowAParent_isFound() {
    inStream.add(shard("a", "0", "49", "100", "150"));
    inStream.add(shard("b", "50", "99", "100", "1000"));
    inStream.add(child("c", "999", "a", "b"));
    inStream.add(child("d", "149", "a", null));
    shards.refresh();

    assertThat(shards.isAboveItsParents("c")).isFalse();
    assertThat(shards.isAboveItsParents("d")).isFalse();
  }

  @Test
  void parentThatIsGone_orNotKnownToHaveEnded_isNoReasonToWorry() {
    inStream.add(shard("b", "50", "99", "100", null));
    inStream.add(child("c", "50", "trimmed", "b"));
    shards.refresh();

    assertThat(shards.isAboveItsParents("c")).isTrue();
    assertThat(shards.isAboveItsParents("unknown")).isTrue();
  }

  @Test
  void trimHorizon_isAskedForByItsName() {
    inStream.add(shard("a", "0", "99", "100", null));

    assertThat(shards.atTrimHorizon()).hasSize(1);
    assertThat(requests.getFirst().shardFilter().type()).isEqualTo(ShardFilterType.AT_TRIM_HORIZON);
  }

  @Test
  void streamThatIsNotThere_saysSo() {
    assertThatThrownBy(shards::refresh).isInstanceOf(ResourceNotFoundException.class);
  }

  private static Shard child(
      String id, String start, @Nullable String parent, @Nullable String adjacentParent) {
    return shard(id, "0", "99", start, null).toBuilder()
        .parentShardId(parent)
        .adjacentParentShardId(adjacentParent)
        .build();
  }
}
