package dev.confab.table;

/** Where an item is. Made by {@link Keys} or read from an item. */
record Key(String pk, String sk) {
  @Override
  public String toString() {
    return pk + " " + sk;
  }
}
