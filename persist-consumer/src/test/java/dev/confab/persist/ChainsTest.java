package dev.confab.persist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.table.InMemoryTable;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ChainsTest {
  private static final ChatId IDLE = new ChatId("idle");
  private static final ChatId BUSY = new ChatId("busy");

  private final InMemoryTable table = new InMemoryTable();
  private final Chains chains = new Chains(table.messages(), 0);

  private static Position position(int n) {
    return Position.of(String.valueOf(100 + n), 0);
  }

  @Test
  void aForgottenChainBeginsAnewFromTheTable_aBusyOneIsKept() {
    chains.of(IDLE, position(1)).take(position(1));
    chains.of(BUSY, position(2)).take(position(2));
    table.messages().placeholder(IDLE, new Entry.Parked(position(1), Cursor.start(), null, null));
    chains.forget(Set.of(BUSY)::contains);
    assertThat(chains.known(IDLE)).isNull();
    assertThat(chains.of(BUSY, position(3)).take(position(3))).isEqualTo(position(2));
    assertThat(chains.of(IDLE, position(4)).take(position(4))).isEqualTo(position(1));
  }
}
