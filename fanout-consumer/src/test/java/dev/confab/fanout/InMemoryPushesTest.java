package dev.confab.fanout;

import dev.confab.events.Bytes;
import dev.confab.events.ConnectionId;
import java.util.List;

class InMemoryPushesTest extends PushesContractTest {
  private final InMemoryPushes pushes = new InMemoryPushes();

  @Override
  Pushes pushes() {
    return pushes;
  }

  @Override
  void open(ConnectionId connection) {
    pushes.connect(connection);
  }

  @Override
  void close(ConnectionId connection) {
    pushes.disconnect(connection);
  }

  @Override
  List<Bytes> framesOf(ConnectionId connection) {
    return pushes.frames(connection);
  }

  @Override
  void fail(InMemoryPushes.Fault fault) {
    pushes.fail(_ -> fault);
  }
}
