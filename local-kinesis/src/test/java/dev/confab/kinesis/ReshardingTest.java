package dev.confab.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ReshardingTest {
  private static final long NOW = 1_795_485_600_000L;

  private static List<ShardInfo> open(List<ShardInfo> shards) {
    return shards.stream()
        .filter(ShardInfo::isOpen)
        .sorted(Comparator.comparing(info -> info.range().start()))
        .toList();
  }

  private static void assertOpenShardsCoverAllHashKeys(List<ShardInfo> shards) {
    BigInteger next = BigInteger.ZERO;
    for (ShardInfo info : open(shards)) {
      assertThat(info.range().start()).isEqualTo(next);
      next = info.range().end().add(BigInteger.ONE);
    }
    assertThat(next).isEqualTo(HashKeyRange.LIMIT);
  }

  /** What KCL relies on: a child's range lies in its parents', and its numbers above theirs. */
  private static void assertLineage(List<ShardInfo> shards) {
    for (ShardInfo child : shards) {
      for (Integer index : new Integer[] {child.parent(), child.adjacentParent()}) {
        if (index != null) {
          ShardInfo parent = shards.get(index);
          assertThat(parent.isOpen()).isFalse();
          assertThat(parent.createdSeconds()).isLessThan(child.createdSeconds());
          assertThat(child.startingSequenceNumber()).isGreaterThan(parent.endingSequenceNumber());
        }
      }
    }
  }

  @Test
  void initialShards_areOfOneSize() {
    for (int count : new int[] {1, 2, 3, 7, 100}) {
      List<ShardInfo> shards = Resharding.initial(count, NOW);
      assertThat(shards).hasSize(count);
      assertOpenShardsCoverAllHashKeys(shards);
    }
  }

  @Test
  void split_withinTheSecondOfCreation_stillSortsChildrenAfterTheParent() {
    Resharding resharding = new Resharding(Resharding.initial(1, NOW), 1, NOW);
    resharding.split(resharding.result().getFirst(), BigInteger.TEN);

    List<ShardInfo> shards = resharding.result();

    assertThat(shards).hasSize(3);
    assertOpenShardsCoverAllHashKeys(shards);
    assertLineage(shards);
  }

  @Test
  void anyScaling_endsWithEqualShards_andUnbrokenLineage() {
    Random random = new Random(11);
    List<ShardInfo> shards = Resharding.initial(3, NOW);
    for (int step = 0; step < 40; step++) {
      int openBefore = open(shards).size();
      int target = Math.max(1, openBefore / 2 + random.nextInt(openBefore + 2));
      Resharding resharding = new Resharding(shards, shards.size(), NOW + step * 100L);
      resharding.scaleTo(target);
      shards = resharding.result();
      assertThat(open(shards).stream().map(info -> info.range().start()))
          .containsExactlyElementsOf(HashKeyRange.uniformStarts(target));
      assertOpenShardsCoverAllHashKeys(shards);
      assertLineage(shards);
    }
  }

  @Test
  void scalingToWhatThereIs_changesNothing() {
    Resharding resharding = new Resharding(Resharding.initial(4, NOW), 4, NOW);
    resharding.scaleTo(4);
    assertThat(resharding.result()).isEqualTo(Resharding.initial(4, NOW));
  }
}
