package dev.confab.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RecordLogTest {
  private final RecordLog log = new RecordLog(1);

  private static StoredRecord record(long index, long arrivalMillis) {
    return new StoredRecord(index, arrivalMillis, "key", new byte[10]);
  }

  @Test
  void holdsWhatWasAppended_throughGrowthAndTrimming() {
    Random random = new Random(3);
    List<StoredRecord> expected = new ArrayList<>();
    long arrival = 0;
    for (int i = 1; i <= 5_000; i++) {
      arrival += random.nextInt(3);
      StoredRecord next = record(i, arrival);
      log.append(next);
      expected.add(next);
      if (random.nextInt(100) == 0) {
        long horizon = arrival - random.nextInt(500);
        int before = expected.size();
        expected.removeIf(each -> each.arrivalMillis() < horizon);
        assertThat(log.trimBefore(horizon)).isEqualTo(before - expected.size());
      }
      assertThat(log.size()).isEqualTo(expected.size());
    }
    assertThat(log.slice(log.firstIndex(), 10_000, Long.MAX_VALUE)).isEqualTo(expected);
    log.trimBefore(Long.MAX_VALUE);
    assertThat(log.size()).isZero();
    assertThat(log.nextIndex()).isEqualTo(5_001);
    assertThat(log.firstIndex()).isEqualTo(5_001);
  }

  @Test
  void findsByArrival_theFirstOfEquals() {
    for (long arrival : new long[] {10, 20, 20, 30}) {
      log.append(record(log.nextIndex(), arrival));
    }

    assertThat(log.firstArrivedAtOrAfter(0)).isEqualTo(1);
    assertThat(log.firstArrivedAtOrAfter(20)).isEqualTo(2);
    assertThat(log.firstArrivedAtOrAfter(21)).isEqualTo(4);
    assertThat(log.firstArrivedAtOrAfter(31)).isEqualTo(5);
  }

  @Test
  void slice_endsAtTheLimits_butHasOneRecordAtLeast() {
    for (int i = 0; i < 5; i++) {
      log.append(record(log.nextIndex(), 0));
    }

    assertThat(log.slice(1, 2, 1_000)).hasSize(2);
    assertThat(log.slice(1, 5, 26)).hasSize(2);
    assertThat(log.slice(1, 5, 1)).hasSize(1);
    assertThat(log.slice(6, 5, 1_000)).isEmpty();
  }

  @Test
  void refusesARecordOutOfOrder() {
    assertThatThrownBy(() -> log.append(record(2, 0))).hasMessageContaining("does not follow");
    assertThatThrownBy(() -> log.get(1)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
