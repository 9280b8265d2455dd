package dev.confab.replay;

import java.time.Duration;

final class InMemoryLettersTest extends LettersContract {
  private final VirtualTime time = new VirtualTime();

  @Override
  Letters letters() {
    return new InMemoryLetters(Stage.PERSIST, time);
  }

  @Override
  void pass(Duration duration) {
    time.pause(duration);
  }
}
