package dev.confab.replay;

/** What a command works on. Made when first asked for, so that none is needed that isn't used. */
interface Services extends AutoCloseable {

  /**
   * The queue of a stage.
   *
   * @throws CannotGoOnException if it isn't there or can't be reached
   */
  Letters letters(Stage stage);

  /** The stream; nothing is asked of it yet. */
  Records records();

  @Override
  void close();
}
