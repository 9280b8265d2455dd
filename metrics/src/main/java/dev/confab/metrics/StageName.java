package dev.confab.metrics;

/** Whose metrics they are. */
public enum StageName {
  INGEST("ingest"),
  PERSIST("persist"),
  FANOUT("fanout");

  private final String word;

  StageName(String word) {
    this.word = word;
  }

  /** The value of the dimension {@code Stage}. */
  public String word() {
    return word;
  }
}
