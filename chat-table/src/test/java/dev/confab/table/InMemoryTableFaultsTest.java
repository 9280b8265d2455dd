package dev.confab.table;

import static dev.confab.table.Samples.LOBBY;
import static dev.confab.table.Samples.chain;
import static dev.confab.table.Samples.parked;
import static dev.confab.table.Samples.posted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.table.Messages.BatchOutcome;
import dev.confab.table.Messages.Stored;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InMemoryTableFaultsTest {
  private final InMemoryTable table = new InMemoryTable();
  private final Messages messages = table.messages();
  private final List<Stored> batch =
      chain(0, 3).stream().map(entry -> new Stored(LOBBY, entry)).toList();

  private List<Entry> stored() {
    table.fail(Faults.NONE);
    return messages.after(LOBBY, Cursor.start(), 99);
  }

  @Test
  void notDone_isNotDone() {
    table.fail(_ -> Faults.Fault.NOT_DONE);

    assertThat(messages.writeBatch(batch)).isInstanceOf(BatchOutcome.Unavailable.class);
    assertThatExceptionOfType(TableUnavailableException.class)
        .isThrownBy(() -> messages.placeholder(LOBBY, parked(0, -1)));

    assertThat(stored()).isEmpty();
  }

  @Test
  void unanswered_isDone() {
    table.fail(_ -> Faults.Fault.DONE_UNANSWERED);

    assertThat(messages.writeBatch(batch)).isInstanceOf(BatchOutcome.Unavailable.class);

    assertThat(stored()).isEqualTo(chain(0, 3));
  }

  @Test
  void unprocessed_isLeftOut() {
    Stored left = batch.get(1);
    table.fail(
        new Faults() {
          @Override
          public Fault next(TableCall call) {
            return Fault.NONE;
          }

          @Override
          public Set<Stored> unprocessed(List<Stored> items) {
            return Set.of(left);
          }
        });

    assertThat(messages.writeBatch(batch)).isEqualTo(new BatchOutcome.Written(List.of(left)));

    assertThat(stored()).containsExactly(posted(0), posted(2));
  }

  @Test
  void oneItemThatIsRefused_refusesTheBatch() {
    table.fail(
        new Faults() {
          @Override
          public Fault next(TableCall call) {
            return Fault.NONE;
          }

          @Override
          public boolean isRefused(Stored item) {
            return item.entry().equals(posted(2));
          }
        });

    assertThat(messages.writeBatch(batch)).isInstanceOf(BatchOutcome.Refused.class);
    assertThat(messages.writeBatch(batch.subList(0, 2)))
        .isEqualTo(new BatchOutcome.Written(List.of()));

    assertThat(stored()).isEqualTo(chain(0, 2));
  }

  @Test
  void faults_areChosenByTheCall() {
    table.fail(call -> call == TableCall.MESSAGES_READ ? Faults.Fault.NOT_DONE : Faults.Fault.NONE);

    assertThat(messages.writeBatch(batch)).isEqualTo(new BatchOutcome.Written(List.of()));
    assertThatExceptionOfType(TableUnavailableException.class)
        .isThrownBy(() -> messages.newest(LOBBY));
  }
}
