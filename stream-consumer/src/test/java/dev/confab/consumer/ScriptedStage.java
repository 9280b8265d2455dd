package dev.confab.consumer;

import dev.confab.events.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** A stage that does as a test says and keeps what it was asked. */
final class ScriptedStage implements ShardStage {
  private Function<StreamRecord, Outcome> script = _ -> Outcome.done();
  private Consumer<StreamRecord> onParked = _ -> {};
  final List<List<String>> offered = new ArrayList<>();
  final List<Position> parked = new ArrayList<>();
  int closes;

  /** What it answers from now on. May throw. */
  void answer(Function<StreamRecord, Outcome> script) {
    this.script = script;
  }

  void onParked(Consumer<StreamRecord> onParked) {
    this.onParked = onParked;
  }

  @Override
  public List<Outcome> process(List<StreamRecord> records) {
    offered.add(records.stream().map(record -> text(record)).toList());
    return records.stream().map(script).toList();
  }

  @Override
  public void parked(StreamRecord record) {
    onParked.accept(record);
    parked.add(record.position());
  }

  @Override
  public void close() {
    closes++;
  }

  static String text(StreamRecord record) {
    return new String(record.data().toArray(), java.nio.charset.StandardCharsets.UTF_8);
  }
}
