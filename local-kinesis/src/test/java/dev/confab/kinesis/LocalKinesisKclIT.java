package dev.confab.kinesis;

import dev.confab.kinesis.KinesisContract.Endpoint;
import java.time.Duration;

/** What KCL needs, run against {@link LocalKinesis}. */
final class LocalKinesisKclIT extends KclContract {
  @Override
  Endpoint start() throws Exception {
    LocalKinesis server = LocalKinesis.builder().start();
    return new Endpoint(server.endpoint(), server::close);
  }

  @Override
  Duration betweenPuts() {
    return Duration.ofMillis(5);
  }
}
