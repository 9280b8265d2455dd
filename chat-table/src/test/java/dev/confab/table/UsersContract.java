package dev.confab.table;

import static dev.confab.table.Samples.ANA;
import static dev.confab.table.Samples.BEN;
import static dev.confab.table.Samples.CLEO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.UserId;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Users} does. */
public abstract class UsersContract {
  private Users users;

  protected abstract ChatTable newTable();

  @BeforeEach
  void setUp() {
    users = newTable().users();
  }

  @Test
  void aName_isStoredWhenNewOrChanged() {
    assertThat(users.put(ANA, "Ana")).isTrue();
    assertThat(users.put(ANA, "Ana")).isFalse();
    assertThat(users.put(ANA, "Ana B.")).isTrue();
    assertThat(users.put(ANA, "Ana")).isTrue();

    assertThat(users.names(List.of(ANA))).isEqualTo(Map.of(ANA, "Ana"));
  }

  @Test
  void names_leaveOutWhoHasNone() {
    users.put(ANA, "Ana");
    users.put(BEN, "Ben \uD83D\uDE00");

    assertThat(users.names(List.of(BEN, CLEO, ANA, BEN)))
        .isEqualTo(Map.of(ANA, "Ana", BEN, "Ben \uD83D\uDE00"));
    assertThat(users.names(List.of())).isEmpty();
  }

  @Test
  void names_ofMany_areOneMap() {
    List<UserId> many = IntStream.range(0, 230).mapToObj(n -> new UserId("u" + n)).toList();
    many.forEach(userId -> users.put(userId, "Name of " + userId));

    assertThat(users.names(many)).hasSize(230).containsEntry(new UserId("u229"), "Name of u229");
  }
}
