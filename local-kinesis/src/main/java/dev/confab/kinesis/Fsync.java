package dev.confab.kinesis;

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
  EVERY_WRITE
}
