package dev.confab.table;

import static dev.confab.table.Samples.ANA;
import static dev.confab.table.Samples.LOBBY;
import static dev.confab.table.Samples.duplicate;
import static dev.confab.table.Samples.parked;
import static dev.confab.table.Samples.position;
import static dev.confab.table.Samples.posted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Role;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class ItemTest {
  private static final String ZERO = position(0).value();
  private static final String ONE = position(1).value();

  private static Map<String, String> attributes(Entry entry) {
    Map<String, String> attributes = new TreeMap<>();
    DynamoDbMessages.itemOf(new Messages.Stored(LOBBY, entry))
        .attributes()
        .forEach((name, value) -> attributes.put(name, form(value)));
    return attributes;
  }

  private static String form(AttributeValue value) {
    return value.type() == AttributeValue.Type.S ? value.s() : value.type() + " " + value.bool();
  }

  @Test
  void aMessage_isAFunctionOfItsRecordAndPrev() {
    assertThat(attributes(posted(1)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "PK", "CHAT#lobby",
                "SK", "MESSAGE#" + ONE,
                "GSI1PK", "USER#ana",
                "GSI1SK", "MESSAGE#2026-11-24T12:00:00.124Z#" + ONE,
                "prev", ZERO,
                "senderId", "ana",
                "clientMessageId", "c-1",
                "text", "text 1",
                "sentAt", "2026-11-24T12:00:00.124Z"));
  }

  @Test
  void aResend_saysSo_andTheFirstIsAfterTheStart() {
    Entry.Posted first = posted(0);
    Entry.Posted resent =
        new Entry.Posted(
            first.position(),
            Cursor.start(),
            first.senderId(),
            first.clientMessageId(),
            first.text(),
            first.sentAt(),
            true);

    assertThat(attributes(first)).doesNotContainKey("resend").containsEntry("prev", "START");
    assertThat(attributes(resent)).containsEntry("resend", "BOOL true");
  }

  @Test
  void aPlaceholder_isInNoIndex() {
    assertThat(attributes(parked(1, 0)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "PK", "CHAT#lobby",
                "SK", "MESSAGE#" + ONE,
                "parked", "BOOL true",
                "prev", ZERO,
                "senderId", "ana",
                "clientMessageId", "c-1"));
  }

  @Test
  void aMarker_isInNoIndex() {
    assertThat(attributes(duplicate(1, 0, 0)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("PK", "CHAT#lobby", "SK", "MESSAGE#" + ONE, "prev", ZERO, "duplicateOf", ZERO));
  }

  @Test
  void aMembership_isInTheIndexWhileItLasts() {
    Members.Membership active = new Members.Membership(LOBBY, ANA, Role.MEMBER, 2);
    Members.Membership ended = new Members.Membership(LOBBY, ANA, Role.REMOVED, 2);

    assertThat(DynamoDbMembers.itemOf(active).attributes())
        .containsOnlyKeys("PK", "SK", "GSI1PK", "GSI1SK", "role", "generation");
    assertThat(DynamoDbMembers.itemOf(ended).attributes())
        .containsOnlyKeys("PK", "SK", "role", "generation");
  }

  @Test
  void theTtl_isNeverBeforeTheExpiry() {
    assertThat(ttl("2026-11-24T12:00:00.001Z")).isEqualTo(1_795_521_601L);
    assertThat(ttl("2026-11-24T12:00:00.999Z")).isEqualTo(1_795_521_601L);
    assertThat(ttl("2026-11-24T12:00:01Z")).isEqualTo(1_795_521_601L);
  }

  private static long ttl(String expiresAt) {
    Item item = Item.at(new Key("p", "s")).expiringAt(Instant.parse(expiresAt));
    assertThat(item.expiresAt()).isEqualTo(expiresAt);
    return item.number("expiresAt");
  }

  @Test
  void anItemThatLacksWhatItShouldHave_isNamed() {
    Item bare = Item.at(new Key("CHAT#lobby", "MEMBER#ana"));

    assertThatIllegalStateException()
        .isThrownBy(() -> bare.string("role"))
        .withMessage("the item CHAT#lobby MEMBER#ana lacks role");
    assertThatIllegalStateException().isThrownBy(() -> bare.number("generation"));
    assertThatIllegalStateException()
        .isThrownBy(() -> Item.read(Map.of("PK", AttributeValue.fromS("CHAT#lobby"))));
  }
}
