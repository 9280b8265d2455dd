package dev.confab.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class SegmentedJournalTest {
  @TempDir private Path directory;
  private SegmentedJournal journal;

  @BeforeEach
  void open() {
    journal = new SegmentedJournal(directory, Fsync.NEVER);
  }

  private static StoredRecord record(long index, int dataBytes) {
    byte[] data = new byte[dataBytes];
    Arrays.fill(data, (byte) (index + 1));
    return new StoredRecord(index, 1_000 + index, "ключ-" + index, data);
  }

  private static List<StoredRecord> records(long from, long to, int dataBytes) {
    List<StoredRecord> records = new ArrayList<>();
    for (long index = from; index <= to; index++) {
      records.add(record(index, dataBytes));
    }
    return records;
  }

  private static void assertHolds(RecordLog log, long from, long to, int dataBytes) {
    assertThat(log.firstIndex()).isEqualTo(from);
    assertThat(log.nextIndex()).isEqualTo(to + 1);
    for (long index = from; index <= to; index++) {
      StoredRecord expected = record(index, dataBytes);
      assertThat(log.get(index).partitionKey()).isEqualTo(expected.partitionKey());
      assertThat(log.get(index).arrivalMillis()).isEqualTo(expected.arrivalMillis());
      assertThat(log.get(index).data()).isEqualTo(expected.data());
    }
  }

  private RecordLog reload() throws IOException {
    DataStream.Stored stored = SegmentedJournal.load(directory, Fsync.NEVER);
    journal = (SegmentedJournal) stored.journal();
    return stored.log();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  @Test
  void whatWasAppended_isThereAfterALoad_andMoreCanFollow() throws Exception {
    journal.append(records(1, 3, 20));
    journal.append(records(4, 4, 20));
    assertHolds(reload(), 1, 4, 20);

    journal.append(records(5, 6, 20));

    assertHolds(reload(), 1, 6, 20);
  }

  @Test
  void anEmptyJournal_startsAtTheFirstRecord() throws Exception {
    assertHolds(reload(), 1, 0, 0);
  }

  @Test
  void aWriteCutOffAtAnyByte_losesThatWriteOnly() throws Exception {
    journal.append(records(1, 2, 20));
    byte[] acked = Files.readAllBytes(files().getFirst());
    journal.append(records(3, 3, 20));
    byte[] all = Files.readAllBytes(files().getFirst());
    for (int length = acked.length; length < all.length; length++) {
      Files.write(files().getFirst(), Arrays.copyOf(all, length));
      assertHolds(reload(), 1, 2, 20);

      journal.append(records(3, 3, 20));
      assertThat(Files.readAllBytes(files().getFirst())).isEqualTo(all);
    }
  }

  @Test
  void aFileCutOffInItsFirstBytes_isFilledAnew() throws Exception {
    journal.append(records(1, 1, 20));
    byte[] all = Files.readAllBytes(files().getFirst());
    for (int length = 0; length < 16; length++) {
      Files.write(files().getFirst(), Arrays.copyOf(all, length));
      assertHolds(reload(), 1, 0, 20);

      journal.append(records(1, 1, 20));
      assertThat(Files.readAllBytes(files().getFirst())).isEqualTo(all);
    }
  }

  @Test
  void zerosThatAFailedMachineLeft_areDropped() throws Exception {
    journal.append(records(1, 2, 20));
    byte[] all = Files.readAllBytes(files().getFirst());
    Files.write(files().getFirst(), Arrays.copyOf(all, all.length + 500));

    assertHolds(reload(), 1, 2, 20);
  }

  @Test
  void aFlippedByteBeforeOtherRecords_isRefused_notSkipped() throws Exception {
    journal.append(records(1, 3, 20));
    byte[] all = Files.readAllBytes(files().getFirst());
    int inTheSecondRecord = all.length / 2;
    all[inTheSecondRecord] ^= 1;
    Files.write(files().getFirst(), all);

    assertThatThrownBy(this::reload)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged: record 2 cannot be read")
        .hasMessageContaining("Restore it");
  }

  @Test
  void aRecordThatIsThereTwice_isRefused() throws Exception {
    journal.append(records(1, 1, 20));
    int first = (int) Files.size(files().getFirst());
    journal.append(records(2, 2, 20));
    byte[] all = Files.readAllBytes(files().getFirst());
    byte[] twice = Arrays.copyOf(all, 2 * all.length - first);
    System.arraycopy(all, first, twice, all.length, all.length - first);

    assertRefusedUntouched(twice);
  }

  @Test
  void aLengthThatIsNone_isRefused_notTakenForTheEnd() throws Exception {
    journal.append(records(1, 1, 20));
    int first = (int) Files.size(files().getFirst());
    journal.append(records(2, 3, 20));
    byte[] all = Files.readAllBytes(files().getFirst());
    all[first] = (byte) 0x80; // the highest byte of the second record's length

    assertRefusedUntouched(all);
  }

  @Test
  void aFileOfAnotherFormat_isRefused() throws Exception {
    journal.append(records(1, 1, 20));
    byte[] all = Files.readAllBytes(files().getFirst());
    all[7] = '2';

    assertRefusedUntouched(all);
  }

  private void assertRefusedUntouched(byte[] bytes) throws IOException {
    Files.write(files().getFirst(), bytes);
    assertThatThrownBy(this::reload)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged");
    assertThat(Files.readAllBytes(files().getFirst())).isEqualTo(bytes);
  }

  @Test
  void aFileCutOffBeforeOthers_isRefused_notRepaired() throws Exception {
    for (int i = 1; i <= 3; i++) {
      journal.append(records(i, i, 9 * 1024 * 1024));
    }
    assertThat(files()).hasSize(2);
    byte[] all = Files.readAllBytes(files().getFirst());

    assertRefusedUntouched(Arrays.copyOf(all, all.length - 1));
  }

  /** That device takes what is written, and can't be forced. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void withFsync_aPutIsNotAcked_unlessItIsForced() throws Exception {
    Files.createSymbolicLink(directory.resolve("0000000000000000001.log"), Path.of("/dev/null"));
    journal.append(records(1, 1, 10));
    SegmentedJournal forced = new SegmentedJournal(directory, Fsync.EVERY_WRITE);

    assertThatThrownBy(() -> forced.append(records(1, 1, 10))).isInstanceOf(IOException.class);
  }

  @Test
  void aMissingFile_isRefused() throws Exception {
    for (int i = 1; i <= 5; i++) {
      journal.append(records(i, i, 9 * 1024 * 1024));
    }
    assertThat(files()).hasSize(3);
    Files.delete(files().get(1));

    assertThatThrownBy(this::reload)
        .hasMessageContaining("is damaged: it should start with record");
  }

  @Test
  void trimmedFiles_areDeleted_andIndexesGoOn() throws Exception {
    for (int i = 1; i <= 5; i++) {
      journal.append(records(i, i, 9 * 1024 * 1024));
    }
    assertThat(files()).hasSize(3);

    journal.trimTo(2);
    assertThat(files()).hasSize(3);
    journal.trimTo(3);
    assertThat(files()).hasSize(2);
    journal.trimTo(6);
    assertThat(files()).hasSize(1);

    assertThat(reload().nextIndex()).isEqualTo(6);
    journal.append(records(6, 6, 10));
    assertThat(reload().nextIndex()).isEqualTo(7);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDisk_failsThePut_andEveryLaterOne() throws Exception {
    Files.createSymbolicLink(directory.resolve("0000000000000000001.log"), Path.of("/dev/full"));

    assertThatThrownBy(() -> journal.append(records(1, 1, 10)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left");
    assertThatThrownBy(() -> journal.append(records(1, 1, 10))).hasMessageContaining("is closed");
  }

  @Test
  void aClosedJournal_deletesNothing() throws Exception {
    for (int i = 1; i <= 3; i++) {
      journal.append(records(i, i, 9 * 1024 * 1024));
    }
    journal.close();
    journal.trimTo(4);

    assertThat(files()).hasSize(2);
  }

  @Test
  void aClosedJournal_takesNothing() throws Exception {
    journal.append(records(1, 1, 10));
    journal.close();

    assertThatThrownBy(() -> journal.append(records(2, 2, 10))).hasMessageContaining("is closed");
    assertHolds(reload(), 1, 1, 10);
  }
}
