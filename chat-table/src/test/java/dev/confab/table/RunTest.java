package dev.confab.table;

import static dev.confab.table.Samples.LOBBY;
import static dev.confab.table.Samples.chain;
import static dev.confab.table.Samples.duplicate;
import static dev.confab.table.Samples.parked;
import static dev.confab.table.Samples.position;
import static dev.confab.table.Samples.posted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunTest {
  private static final PageLimit FOUR = new PageLimit(4, 1_000, RunTest::bytes);

  private static int bytes(Entry.Shown entry) {
    return entry instanceof Entry.Posted posted ? posted.text().length() : 1;
  }

  private final InMemoryTable table = new InMemoryTable();
  private final History history = new History(table.messages());

  private void store(List<? extends Entry> entries) {
    for (Entry entry : entries) {
      if (entry instanceof Entry.Parked parked) {
        table.messages().placeholder(LOBBY, parked);
      } else {
        Samples.write(table.messages(), LOBBY, List.of(entry));
      }
    }
  }

  private static Run run(List<? extends Entry> entries, Cursor through, boolean hasMore) {
    return new Run(List.copyOf(entries), through, hasMore);
  }

  @Test
  void anEmptyChat_isEmpty_throughItsStart() {
    assertThat(history.after(LOBBY, Cursor.start(), FOUR))
        .isEqualTo(run(List.of(), Cursor.start(), false));
    assertThat(history.newest(LOBBY, FOUR)).isEqualTo(run(List.of(), Cursor.start(), false));
    assertThat(history.before(LOBBY, position(5), FOUR))
        .isEqualTo(run(List.of(), Cursor.start(), false));
  }

  @Test
  void after_isThroughItsNewest() {
    store(chain(0, 6));

    assertThat(history.after(LOBBY, Cursor.start(), FOUR))
        .isEqualTo(run(chain(0, 4), position(3), true));
    assertThat(history.after(LOBBY, position(1), FOUR))
        .isEqualTo(run(chain(2, 6), position(5), false));
    assertThat(history.after(LOBBY, position(3), FOUR))
        .isEqualTo(run(chain(4, 6), position(5), false));
  }

  @Test
  void afterTheNewest_isThroughWhereItAsked() {
    store(chain(0, 2));

    assertThat(history.after(LOBBY, position(1), FOUR))
        .isEqualTo(run(List.of(), position(1), false));
    assertThat(history.after(LOBBY, position(9), FOUR))
        .isEqualTo(run(List.of(), position(9), false));
  }

  @Test
  void after_startsBehindAPlaceThatIsNoEntry() {
    store(List.of(posted(0), posted(4, 0)));

    assertThat(history.after(LOBBY, position(2), FOUR))
        .isEqualTo(run(List.of(posted(4, 0)), position(4), false));
  }

  @Test
  void after_stopsBeforeAHole_andGoesOnWhenItIsFilled() {
    store(List.of(posted(0), posted(1), posted(3), posted(4)));

    assertThat(history.after(LOBBY, Cursor.start(), FOUR))
        .isEqualTo(run(chain(0, 2), position(1), true));
    assertThat(history.after(LOBBY, position(1), FOUR))
        .isEqualTo(run(List.of(), position(1), true));

    store(List.of(posted(2)));
    assertThat(history.after(LOBBY, position(1), FOUR))
        .isEqualTo(run(chain(2, 5), position(4), false));
  }

  @Test
  void afterTheStart_waitsForTheFirst() {
    store(List.of(posted(1)));

    assertThat(history.after(LOBBY, Cursor.start(), FOUR))
        .isEqualTo(run(List.of(), Cursor.start(), true));
  }

  @Test
  void newest_isThroughItsNewest() {
    store(chain(0, 6));

    assertThat(history.newest(LOBBY, FOUR)).isEqualTo(run(chain(2, 6), position(5), true));
  }

  @Test
  void newest_ofAllThereIs_hasNoMore() {
    store(chain(0, 4));

    assertThat(history.newest(LOBBY, FOUR)).isEqualTo(run(chain(0, 4), position(3), false));
  }

  @Test
  void newest_endsBelowTheLowestHoleInSight() {
    store(List.of(posted(0), posted(1), posted(3), posted(5)));

    assertThat(history.newest(LOBBY, FOUR)).isEqualTo(run(chain(0, 2), position(1), false));
  }

  @Test
  void newest_withAHoleAtItsEnd_isTheEntryBelow() {
    store(List.of(posted(0), posted(1), posted(3), posted(4), posted(5), posted(6)));

    assertThat(history.newest(LOBBY, FOUR)).isEqualTo(run(List.of(posted(1)), position(1), true));
  }

  @Test
  void newest_whereTheFirstIsMissing_isEmpty() {
    store(List.of(posted(1), posted(2)));

    assertThat(history.newest(LOBBY, FOUR)).isEqualTo(run(List.of(), Cursor.start(), false));
  }

  @Test
  void before_isThroughItsOldest() {
    store(chain(0, 8));

    assertThat(history.before(LOBBY, position(6), FOUR))
        .isEqualTo(run(chain(2, 6), position(2), true));
    assertThat(history.before(LOBBY, position(4), FOUR))
        .isEqualTo(run(chain(0, 4), position(0), false));
    assertThat(history.before(LOBBY, position(2), FOUR))
        .isEqualTo(run(chain(0, 2), position(0), false));
    assertThat(history.before(LOBBY, position(0), FOUR))
        .isEqualTo(run(List.of(), Cursor.start(), false));
  }

  @Test
  void before_reachesDownToAHole_andNeverOverIt() {
    store(List.of(posted(0), posted(1), posted(3), posted(4), posted(5)));

    assertThat(history.before(LOBBY, position(5), FOUR))
        .isEqualTo(run(chain(3, 5), position(3), true));
    assertThat(history.before(LOBBY, position(3), FOUR))
        .isEqualTo(run(List.of(), position(3), true));

    store(List.of(posted(2)));
    assertThat(history.before(LOBBY, position(3), FOUR))
        .isEqualTo(run(chain(0, 3), position(0), false));
  }

  @Test
  void before_whereTheFirstIsMissing_hasMore() {
    store(List.of(posted(1), posted(2)));

    assertThat(history.before(LOBBY, position(2), FOUR))
        .isEqualTo(run(List.of(posted(1)), position(1), true));
    assertThat(history.before(LOBBY, position(1), FOUR))
        .isEqualTo(run(List.of(), position(1), true));
  }

  @Test
  void beforeAPlaceThatIsNoEntry_isCutAsTheNewestIs_throughItsOldest() {
    store(List.of(posted(0), posted(1), posted(2), posted(4)));

    assertThat(history.before(LOBBY, position(7), FOUR))
        .isEqualTo(run(chain(0, 3), position(0), false));
    assertThat(history.before(LOBBY, position(3), FOUR))
        .isEqualTo(run(chain(0, 3), position(0), false));
  }

  @Test
  void whatIsHidden_isPartOfTheRun_andNotShown() {
    store(List.of(posted(0), duplicate(1, 0, 0), parked(2, 1), duplicate(3, 2, 0)));

    Run run = history.after(LOBBY, Cursor.start(), FOUR);

    assertThat(run.through()).isEqualTo(position(3));
    assertThat(run.shown()).containsExactly(posted(0), parked(2, 1));
  }

  @Test
  void aReaderGoesBackOverAPageThatIsAllHidden() {
    store(List.of(posted(0)));
    for (int n = 1; n <= 10; n++) {
      store(List.of(duplicate(n, n - 1, 0)));
    }

    Run newest = history.newest(LOBBY, FOUR);
    assertThat(newest.shown()).isEmpty();
    assertThat(newest.through()).isEqualTo(position(10));
    Run back = history.before(LOBBY, (Position) newest.through(), FOUR);
    assertThat(back.through()).isEqualTo(position(6));
    back = history.before(LOBBY, (Position) back.through(), FOUR);
    back = history.before(LOBBY, (Position) back.through(), FOUR);
    assertThat(back.shown()).containsExactly(posted(0));
    assertThat(back.hasMore()).isFalse();
  }

  @Test
  void whatARepairPutInBetween_isNoHole() {
    store(List.of(posted(0), posted(1, 0), posted(2, 0), posted(3, 2)));

    assertThat(history.after(LOBBY, Cursor.start(), FOUR).entries()).hasSize(4);
    assertThat(history.newest(LOBBY, FOUR).entries()).hasSize(4);
    assertThat(history.before(LOBBY, position(3), FOUR).entries()).hasSize(3);
  }

  @Test
  void aPage_isCutByBytes_onTheSideThatIsFartherAway() {
    store(chain(0, 6)); // of 6 bytes each
    PageLimit thirteenBytes = new PageLimit(9, 13, RunTest::bytes);

    assertThat(history.after(LOBBY, Cursor.start(), thirteenBytes))
        .isEqualTo(run(chain(0, 2), position(1), true));
    assertThat(history.newest(LOBBY, thirteenBytes)).isEqualTo(run(chain(4, 6), position(5), true));
    assertThat(history.before(LOBBY, position(3), thirteenBytes))
        .isEqualTo(run(chain(1, 3), position(1), true));
  }

  @Test
  void aPageOfExactlyTheBytes_isNotCut() {
    store(chain(0, 2));

    assertThat(history.after(LOBBY, Cursor.start(), new PageLimit(9, 12, RunTest::bytes)))
        .isEqualTo(run(chain(0, 2), position(1), false));
  }

  @Test
  void anEntryLargerThanAPage_isAPage() {
    store(List.of(posted(0), duplicate(1, 0, 0), posted(2), posted(3)));
    PageLimit oneByte = new PageLimit(9, 1, RunTest::bytes);

    assertThat(history.after(LOBBY, Cursor.start(), oneByte))
        .isEqualTo(run(List.of(posted(0), duplicate(1, 0, 0)), position(1), true));
    assertThat(history.after(LOBBY, position(1), oneByte))
        .isEqualTo(run(List.of(posted(2)), position(2), true));
    assertThat(history.before(LOBBY, position(3), oneByte))
        .isEqualTo(run(List.of(duplicate(1, 0, 0), posted(2)), position(1), true));
  }

  @Test
  void anEntryOfUnknownPrev_isNeverJoined() {
    Entry.Posted known = posted(0);
    Entry.Posted unknown =
        new Entry.Posted(
            position(1),
            null,
            known.senderId(),
            known.clientMessageId(),
            known.text(),
            known.sentAt(),
            false);

    assertThat(Run.after(position(0), List.of(unknown), FOUR))
        .isEqualTo(run(List.of(), position(0), true));
  }

  @Test
  void aPageOfNothing_cannotBeAskedFor() {
    assertThatIllegalArgumentException().isThrownBy(() -> new PageLimit(0, 1, RunTest::bytes));
    assertThatIllegalArgumentException().isThrownBy(() -> new PageLimit(1, 0, RunTest::bytes));
  }

  /**
   * A chain is written in a random order while one reader follows it and another goes back: at any
   * time both hold a piece of it without a hole, and in the end all of it.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void readersNeverStepOverWhatIsNotYetWritten(long seed) {
    for (int round = 0; round < 20; round++) {
      followAndGoBack(new Random(seed * 1_000 + round));
    }
  }

  private void followAndGoBack(Random random) {
    InMemoryTable fresh = new InMemoryTable();
    History read = new History(fresh.messages());
    List<Entry> chain = randomChain(random);
    List<Entry> unwritten = new ArrayList<>(chain);
    PageLimit limit = new PageLimit(1 + random.nextInt(6), 1 + random.nextInt(30), RunTest::bytes);
    Reader reader = new Reader(chain, read, limit);
    while (!unwritten.isEmpty()) {
      int nearTheFront = random.nextInt(Math.min(5, unwritten.size()));
      put(fresh, unwritten.remove(nearTheFront));
      if (random.nextInt(3) == 0) {
        reader.readOnce(random.nextBoolean());
      }
    }
    reader.readAll();
    assertThat(reader.held).isEqualTo(chain);
  }

  private static void put(InMemoryTable fresh, Entry entry) {
    if (entry instanceof Entry.Parked parked) {
      fresh.messages().placeholder(LOBBY, parked);
    } else {
      Samples.write(fresh.messages(), LOBBY, List.of(entry));
    }
  }

  private static List<Entry> randomChain(Random random) {
    List<Entry> chain = new ArrayList<>();
    int prev = -1;
    int n = random.nextInt(3);
    int length = random.nextInt(30);
    while (chain.size() < length) {
      int kind = random.nextInt(4);
      if (kind == 0 && prev >= 0) {
        chain.add(duplicate(n, prev, prev));
      } else if (kind == 1) {
        chain.add(parked(n, prev));
      } else {
        chain.add(posted(n, prev, "x".repeat(1 + random.nextInt(12))));
      }
      prev = n;
      n += 1 + random.nextInt(2);
    }
    return chain;
  }

  /** Holds one piece of a chain and widens it by history, as the rules tell a client to. */
  private static final class Reader {
    private final List<Entry> chain;
    private final History read;
    private final PageLimit limit;
    private final List<Entry> held = new ArrayList<>();
    private boolean isNew = true;
    private Cursor cursor = Cursor.start();
    private Cursor low = Cursor.start();

    Reader(List<Entry> chain, History read, PageLimit limit) {
      this.chain = chain;
      this.read = read;
      this.limit = limit;
    }

    /** Returns whether it got on. */
    boolean readOnce(boolean isForward) {
      int before = held.size();
      if (isNew) {
        Run run = read.newest(LOBBY, limit);
        held.addAll(run.entries());
        cursor = run.through();
        low = run.entries().isEmpty() ? cursor : run.entries().getFirst().position();
        isNew = false;
      } else if (isForward) {
        Run run = read.after(LOBBY, cursor, limit);
        held.addAll(run.entries());
        cursor = run.through();
      } else if (low instanceof Position position) {
        Run run = read.before(LOBBY, position, limit);
        held.addAll(0, run.entries());
        low = run.through();
      }
      assertIsAPieceOfTheChain();
      return held.size() > before;
    }

    void readAll() {
      if (isNew) {
        readOnce(true);
      }
      while (readOnce(true)) {}
      while (readOnce(false)) {}
    }

    private void assertIsAPieceOfTheChain() {
      if (held.isEmpty()) {
        return;
      }
      int first = chain.indexOf(held.getFirst());
      assertThat(held).isEqualTo(chain.subList(first, first + held.size()));
      assertThat(cursor).isEqualTo(held.getLast().position());
    }
  }
}
