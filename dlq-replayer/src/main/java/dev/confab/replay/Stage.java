package dev.confab.replay;

import java.util.Locale;

/** A stage that parks what it can't do, each in a queue of its own. */
enum Stage {
  // In this order: a push letter's replay reads the items that persist's replay stores.
  PERSIST,
  FANOUT;

  /** The word that modules, metrics and letters use for it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
