package dev.confab.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.KinesisClientLibDependencyException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.exceptions.ThrottlingException;

class KclCheckpointsTest {
  private final FakeCheckpointer kcl = new FakeCheckpointer();
  private final KclCheckpoints checkpoints = new KclCheckpoints(kcl.checkpointer);

  /** Without one, KCL would keep all that it has handed out, done or not. */
  @Test
  void upTo_namesTheNumber() {
    assertThat(checkpoints.upTo("49")).isEqualTo(new Checkpoints.Kept());
    assertThat(kcl.calls).containsExactly("checkpoint[49]");
  }

  @Test
  void shardEnd_isTheOneWithoutANumber() {
    assertThat(checkpoints.shardEnd()).isEqualTo(new Checkpoints.Kept());
    assertThat(kcl.calls).containsExactly("checkpoint[]");
  }

  @Test
  void refusal_meansThatTheLeaseMoved() {
    kcl.fail(new ShutdownException("another worker has it"));

    assertThat(checkpoints.upTo("49")).isEqualTo(new Checkpoints.LeaseMoved());
    assertThat(checkpoints.shardEnd()).isEqualTo(new Checkpoints.LeaseMoved());
  }

  static Stream<Exception> otherFailures() {
    return Stream.of(
        new ThrottlingException("why"),
        new KinesisClientLibDependencyException("why"),
        new InvalidStateException("why"),
        new IllegalArgumentException("why"));
  }

  @ParameterizedTest
  @MethodSource("otherFailures")
  void whateverElseFails_isForLater_andEscapesNot(Exception failure) {
    kcl.fail(failure);

    assertThat(checkpoints.upTo("49"))
        .isInstanceOfSatisfying(
            Checkpoints.Unavailable.class, later -> assertThat(later.reason()).contains("why"));
    assertThat(checkpoints.shardEnd()).isInstanceOf(Checkpoints.Unavailable.class);
  }
}
