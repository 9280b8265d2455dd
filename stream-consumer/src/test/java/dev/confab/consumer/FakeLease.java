package dev.confab.consumer;

/** A lease that a test takes away. */
public final class FakeLease implements Lease {
  private volatile boolean held = true;

  /** Another worker has it from now on. */
  public void lose() {
    held = false;
  }

  @Override
  public boolean isHeld() {
    return held;
  }
}
