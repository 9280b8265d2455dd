package dev.confab.kinesis;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** When a server with a data directory forces what it wrote to the disk. */
public enum Fsync {
  /**
   * Never: the operating system does when it likes. What was acked survives the end of the process,
   * by SIGKILL too, but not that of the machine.
   */
  NEVER,
  /**
   * Before every ack: what was acked survives a power failure, at the price of a disk's flush for
   * each put.
   */
  EVERY_WRITE;

  /** Forces a file, or a directory's list of names, to the disk if the policy says so. */
  void file(Path path) throws IOException {
    if (this == EVERY_WRITE) {
      try (FileChannel opened = FileChannel.open(path, StandardOpenOption.READ)) {
        opened.force(true);
      }
    }
  }
}
