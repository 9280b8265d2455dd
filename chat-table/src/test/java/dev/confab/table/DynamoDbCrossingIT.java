package dev.confab.table;

import static dev.confab.table.Samples.ANA;
import static dev.confab.table.Samples.BEN;
import static dev.confab.table.Samples.CLEO;
import static dev.confab.table.Samples.LOBBY;
import static dev.confab.table.Samples.parked;
import static dev.confab.table.Samples.position;
import static dev.confab.table.Samples.posted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.events.Access;
import dev.confab.events.ChatId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Role;
import dev.confab.events.UserId;
import dev.confab.table.Members.Join;
import dev.confab.table.Members.Leave;
import dev.confab.table.Members.Membership;
import dev.confab.table.Members.Removal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;

/** Changes that cross: another's comes between the look at the table and the write. */
class DynamoDbCrossingIT {
  private final WatchedRequests watched = new WatchedRequests();
  private ChatTable slow;
  private ChatTable other;

  @BeforeEach
  void setUp() {
    String tableName = LocalDynamoDb.newTableName();
    slow = LocalDynamoDb.table(LocalDynamoDb.client(watched), tableName);
    other = LocalDynamoDb.table(LocalDynamoDb.client(new WatchedRequests()), tableName);
    other.chats().create(new Chats.Chat(LOBBY, null, Access.OPEN, ANA));
  }

  @Test
  void ofTwoOwnersLeavingAtOnce_oneStays() {
    other.members().add(LOBBY, BEN, Role.OWNER);
    other.members().add(LOBBY, CLEO, Role.MEMBER);
    watched.before(
        TransactWriteItemsRequest.class,
        () -> assertThat(other.members().leave(LOBBY, BEN)).isEqualTo(new Leave.Left(1)));

    assertThat(slow.members().leave(LOBBY, ANA)).isEqualTo(new Leave.LastOwner());

    assertThat(other.members().of(LOBBY, ANA)).isEqualTo(new Membership(LOBBY, ANA, Role.OWNER, 1));
  }

  @Test
  void ofTwoOwnersAlone_bothMayLeave() {
    other.members().add(LOBBY, BEN, Role.OWNER);
    watched.before(TransactWriteItemsRequest.class, () -> other.members().leave(LOBBY, BEN));

    assertThat(slow.members().leave(LOBBY, ANA)).isEqualTo(new Leave.Left(1));
    assertThat(other.members().in(LOBBY, null, 9)).isEmpty();
  }

  @Test
  void ofTwoOwnersRemovingEachOther_oneStays() {
    other.members().add(LOBBY, BEN, Role.OWNER);
    watched.before(
        TransactWriteItemsRequest.class,
        () ->
            assertThat(other.members().remove(LOBBY, ANA, BEN)).isEqualTo(new Removal.Removed(1)));

    assertThat(slow.members().remove(LOBBY, BEN, ANA)).isEqualTo(new Removal.NotOwner());

    assertThat(other.members().in(LOBBY, null, 9))
        .containsExactly(new Membership(LOBBY, BEN, Role.OWNER, 1));
  }

  @Test
  void anOwnerWhoCameBackMeanwhile_isNotTheOneWhoStays() {
    other.members().add(LOBBY, BEN, Role.OWNER);
    other.members().add(LOBBY, CLEO, Role.MEMBER);
    watched.before(
        TransactWriteItemsRequest.class,
        () -> {
          other.members().leave(LOBBY, BEN);
          other.members().join(LOBBY, BEN);
        });

    assertThat(slow.members().leave(LOBBY, ANA)).isEqualTo(new Leave.LastOwner());
  }

  @Test
  void ofTwoAdds_oneGenerationComes() {
    watched.before(PutItemRequest.class, () -> other.members().add(LOBBY, BEN, Role.MEMBER));

    assertThat(slow.members().add(LOBBY, BEN, Role.MEMBER))
        .isEqualTo(new Membership(LOBBY, BEN, Role.MEMBER, 1));
  }

  @Test
  void anAddThatIsOvertakenByAnEnd_isALaterGeneration() {
    watched.before(
        PutItemRequest.class,
        () -> {
          other.members().add(LOBBY, BEN, Role.MEMBER);
          other.members().remove(LOBBY, BEN, ANA);
        });

    assertThat(slow.members().add(LOBBY, BEN, Role.MEMBER))
        .isEqualTo(new Membership(LOBBY, BEN, Role.MEMBER, 2));
  }

  @Test
  void aJoinThatIsOvertakenByARemoval_isBarred() {
    other.members().join(LOBBY, BEN);
    other.members().leave(LOBBY, BEN);
    watched.before(
        PutItemRequest.class,
        () -> {
          other.members().join(LOBBY, BEN);
          other.members().remove(LOBBY, BEN, ANA);
        });

    assertThat(slow.members().join(LOBBY, BEN)).isEqualTo(new Join.Barred());
    assertThat(other.members().of(LOBBY, BEN))
        .isEqualTo(new Membership(LOBBY, BEN, Role.REMOVED, 2));
  }

  /** Nothing about role or generation changes in between, only why the membership ended. */
  @Test
  void aJoinThatIsOvertakenByBeingBarred_isBarred() {
    other.members().join(LOBBY, BEN);
    other.members().leave(LOBBY, BEN);
    watched.before(PutItemRequest.class, () -> other.members().remove(LOBBY, BEN, ANA));

    assertThat(slow.members().join(LOBBY, BEN)).isEqualTo(new Join.Barred());
  }

  @Test
  void aRemovalThatIsOvertakenByALeave_barsAllTheSame() {
    other.members().join(LOBBY, BEN);
    watched.before(TransactWriteItemsRequest.class, () -> other.members().leave(LOBBY, BEN));

    assertThat(slow.members().remove(LOBBY, BEN, ANA)).isEqualTo(new Removal.Removed(1));
    assertThat(other.members().join(LOBBY, BEN)).isEqualTo(new Join.Barred());
  }

  @Test
  void aLeaveThatIsOvertakenByARemoval_isNoMembers() {
    other.members().join(LOBBY, BEN);
    watched.before(PutItemRequest.class, () -> other.members().remove(LOBBY, BEN, ANA));

    assertThat(slow.members().leave(LOBBY, BEN)).isEqualTo(new Leave.NotMember());
    assertThat(other.members().join(LOBBY, BEN)).isEqualTo(new Join.Barred());
  }

  @Test
  void aRepairThatIsOvertaken_leavesWhatCame() {
    watched.before(
        PutItemRequest.class, () -> Samples.write(other.messages(), LOBBY, List.of(posted(3))));

    assertThat(repair(posted(3, 0))).isEqualTo(new Messages.Repair.Repaired(posted(3)));
    assertThat(other.messages().after(LOBBY, Cursor.start(), 9)).containsExactly(posted(3));
  }

  @Test
  void aRepairThatIsOvertakenByAPlaceholder_keepsItsPrev() {
    watched.before(PutItemRequest.class, () -> other.messages().placeholder(LOBBY, parked(3, 1)));

    assertThat(repair(posted(3, 0))).isEqualTo(new Messages.Repair.Repaired(posted(3, 1)));
    assertThat(other.messages().after(LOBBY, Cursor.start(), 9)).containsExactly(posted(3, 1));
  }

  @Test
  void aRepairThatIsOvertakenTwice_findsTheEnd() {
    watched.before(
        PutItemRequest.class,
        () -> other.messages().placeholder(LOBBY, parked(3, 1)),
        () -> Samples.write(other.messages(), LOBBY, List.of(posted(3, 1, "another"))));

    assertThat(repair(posted(3, 0)))
        .isEqualTo(new Messages.Repair.Occupied(posted(3, 1, "another")));
  }

  private Messages.Repair repair(Entry.Posted posted) {
    return slow.messages()
        .repair(
            LOBBY,
            position(3),
            () -> position(0),
            prev ->
                new Entry.Posted(
                    posted.position(),
                    prev,
                    posted.senderId(),
                    posted.clientMessageId(),
                    posted.text(),
                    posted.sentAt(),
                    posted.resend()));
  }

  @Test
  void ofManyOwnersLeavingOnManyThreads_oneStays() throws InterruptedException {
    for (int round = 0; round < 5; round++) {
      ChatId chatId = new ChatId("round-" + round);
      List<UserId> owners = IntStream.range(0, 4).mapToObj(n -> new UserId("o" + n)).toList();
      owners.forEach(owner -> other.members().add(chatId, owner, Role.OWNER));
      other.members().add(chatId, CLEO, Role.MEMBER);

      List<Leave> left = new ArrayList<>();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Leave>> leaving =
            owners.stream()
                .map(owner -> threads.submit(() -> other.members().leave(chatId, owner)))
                .toList();
        for (Future<Leave> leave : leaving) {
          try {
            left.add(leave.get());
          } catch (ExecutionException crossedTooOften) {
            assertThat(crossedTooOften).hasCauseInstanceOf(TableUnavailableException.class);
          }
        }
      }

      assertThat(other.members().in(chatId, null, 9))
          .extracting(Membership::role)
          .contains(Role.OWNER, Role.MEMBER);
      assertThat(left.stream().filter(Leave.Left.class::isInstance)).hasSizeLessThan(4);
    }
  }

  @Test
  void ofManyMakingOneChat_oneDoes() throws InterruptedException, ExecutionException {
    ChatId chatId = new ChatId("wanted");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Chats.Creation>> making =
          IntStream.range(0, 8)
              .mapToObj(n -> new Chats.Chat(chatId, null, Access.OPEN, new UserId("u" + n)))
              .map(chat -> threads.submit(() -> other.chats().create(chat)))
              .toList();
      List<Chats.Creation> made = new ArrayList<>();
      for (Future<Chats.Creation> creation : making) {
        made.add(creation.get());
      }
      assertThat(made).containsOnlyOnce(Chats.Creation.CREATED).contains(Chats.Creation.TAKEN);
    }
    assertThat(other.members().in(chatId, null, 9)).hasSize(1);
  }
}
