package dev.confab.kinesis;

import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/** The contract, run against {@code kinesis-local}, and what that does otherwise. */
final class NodeKinesisIT extends KinesisContract {
  @Override
  Endpoint start() throws Exception {
    return NodeKinesis.startOrSkip();
  }

  @Test
  @Override
  @Disabled("kinesis-local does not end a subscription when its shard is split or merged")
  void aSubscription_endsWithItsShard_andNamesTheChildren() {}

  @Test
  @Override
  @Disabled("kinesis-local answers 500 to an iterator that it cannot read")
  void anIteratorOfNobodys_isRefused() {}

  @Test
  @Override
  @Disabled("kinesis-local takes a sequence number of another shard")
  void aPositionThatIsNone_isRefused() {}

  @Test
  @Override
  @Disabled("kinesis-local splits at the first hash key of a shard, into an empty one and the rest")
  void aReshardThatCannotBe_isRefused() {}
}
