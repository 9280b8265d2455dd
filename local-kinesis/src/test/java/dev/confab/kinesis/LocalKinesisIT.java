package dev.confab.kinesis;

/** The contract, run against {@link LocalKinesis}. */
final class LocalKinesisIT extends KinesisContract {
  @Override
  Endpoint start() throws Exception {
    LocalKinesis server = LocalKinesis.builder().start();
    return new Endpoint(server.endpoint(), server::close);
  }
}
