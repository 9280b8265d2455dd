package dev.confab.coldstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the benchmark stands on: each function is really invoked, and puts what it should. */
class ColdStartIT {
  private static Laboratory laboratory;
  private int putsBefore;
  private int readsBefore;

  @BeforeAll
  static void open(@TempDir Path work) throws Exception {
    laboratory = new Laboratory(work, List.of());
  }

  @AfterAll
  static void close() {
    laboratory.close();
  }

  @BeforeEach
  void count() {
    putsBefore = laboratory.aws().puts();
    readsBefore = laboratory.aws().reads();
  }

  private int puts() {
    return laboratory.aws().puts() - putsBefore;
  }

  private int reads() {
    return laboratory.aws().reads() - readsBefore;
  }

  @Test
  void whatIsDeployed_underLambdasRuntime_putsTheMessage() throws Exception {
    Function.Start start = Function.Start.COLD;
    try (Environment environment = laboratory.start(laboratory.ours(start), start)) {
      Usage first = environment.send();
      Usage second = environment.send();
      assertThat(first.cpuNanos()).isPositive();
      assertThat(first.rssBytes()).isPositive();
      assertThat(second.cpuNanos()).isGreaterThan(first.cpuNanos());
    }
    assertThat(puts()).isEqualTo(2);
    assertThat(reads()).as("the member is remembered").isEqualTo(1);
  }

  @Test
  void whatIsDeployed_isPrimedBeforeTheSnapshot_andPutsTheMessageOnceRestored() throws Exception {
    Function.Start start = Function.Start.SNAP_START;
    try (Environment environment = laboratory.start(laboratory.ours(start), start)) {
      Usage before = environment.restore();
      assertThat(reads()).as("real reads before the snapshot").isEqualTo(1);
      assertThat(laboratory.aws().unsigned())
          .as("rehearsed: each asks whether there is a member, and puts")
          .isEqualTo(200);
      assertThat(puts()).as("puts before the snapshot").isZero();
      assertThat(environment.send().cpuNanos()).isGreaterThan(before.cpuNanos());
    }
    assertThat(puts()).isEqualTo(1);
  }

  @Test
  void naiveOne_putsTheSame() throws Exception {
    Function.Start start = Function.Start.COLD;
    try (Environment environment = laboratory.start(laboratory.naive(start), start)) {
      environment.send();
    }
    assertThat(puts()).isEqualTo(1);
    assertThat(reads()).isEqualTo(1);
  }
}
