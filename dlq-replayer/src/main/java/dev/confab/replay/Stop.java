package dev.confab.replay;

/**
 * Whether to end early: what is in hand is finished, nothing more is taken. Safe for use by several
 * threads.
 */
final class Stop {
  private volatile boolean requested;
  private volatile boolean byOperator;

  /** Ctrl-C, or a signal to terminate. */
  void requestByOperator() {
    byOperator = true;
    requested = true;
  }

  /** Something went wrong elsewhere. */
  void request() {
    requested = true;
  }

  boolean isRequested() {
    return requested;
  }

  boolean isByOperator() {
    return byOperator;
  }
}
