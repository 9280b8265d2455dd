package dev.confab.load.check;

import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a user was answered with what its membership allows: who was told to be removed, or
 * was known to be, is told nothing of the chat any more, until somebody tries to let it in.
 */
final class MembershipCheck {
  private final Report.Builder report;
  private final Map<Membership, List<Span>> removals = new HashMap<>();
  private final Map<Membership, List<Span>> admissions = new HashMap<>();

  private record Membership(ChatId chatId, UserId userId) {}

  /**
   * When something was asked and when answered; what was not answered may take effect at any time
   * after.
   */
  private record Span(Instant asked, @Nullable Instant answered) {
    boolean isOverBefore(Instant time) {
      return answered != null && answered.isBefore(time);
    }
  }

  MembershipCheck(Report.Builder report) {
    this.report = report;
  }

  void check(List<History.Connection> connections) {
    for (History.Connection connection : connections) {
      walk(connection, (question, answer) -> note(connection.userId(), question, answer));
    }
    for (History.Connection connection : connections) {
      walk(connection, (question, answer) -> checkAnswer(connection.userId(), question, answer));
    }
  }

  /** Hands out each question with its answer, null where none came. */
  private static void walk(
      History.Connection connection, BiConsumer<History.Asked, History.@Nullable Got> exchange) {
    Map<String, History.Asked> open = new HashMap<>();
    for (History.Exchange one : connection.exchanges()) {
      switch (one) {
        case History.Asked asked -> {
          String requestId = asked.frame().requestId();
          if (requestId != null) {
            open.put(requestId, asked);
          }
        }
        case History.Got got -> {
          String requestId = requestIdOf(got.frame());
          History.Asked asked = requestId == null ? null : open.remove(requestId);
          if (asked != null) {
            exchange.accept(asked, got);
          }
        }
      }
    }
    open.values().forEach(asked -> exchange.accept(asked, null));
  }

  private static @Nullable String requestIdOf(ServerFrame frame) {
    return switch (frame) {
      case ServerFrame.MemberRemoved answer -> answer.requestId();
      case ServerFrame.MemberAdded answer -> answer.requestId();
      case ServerFrame.Left answer -> answer.requestId();
      case ServerFrame.Joined answer -> answer.requestId();
      case ServerFrame.History answer -> answer.requestId();
      case ServerFrame.Members answer -> answer.requestId();
      case ServerFrame.Synced answer -> answer.requestId();
      case ServerFrame.Chats answer -> answer.requestId();
      case ServerFrame.ChatCreated answer -> answer.requestId();
      case ServerFrame.Failed answer -> answer.requestId();
      default -> null; // tells nothing of a membership
    };
  }

  private void note(UserId me, History.Asked question, History.@Nullable Got answer) {
    Span span = new Span(question.at(), answer == null ? null : answer.at());
    switch (question.frame()) {
      case ClientFrame.RemoveMember(var _, ChatId chatId, UserId userId)
          when answer != null && answer.frame() instanceof ServerFrame.MemberRemoved ->
          add(removals, chatId, userId, span);
      case ClientFrame.Leave(var _, ChatId chatId)
          when answer != null && answer.frame() instanceof ServerFrame.Left ->
          add(removals, chatId, me, span);
      case ClientFrame.AddMember(var _, ChatId chatId, UserId userId) ->
          add(admissions, chatId, userId, span);
      case ClientFrame.Join(var _, ChatId chatId) -> add(admissions, chatId, me, span);
      case ClientFrame.CreateChat create -> add(admissions, create.chatId(), me, span);
      default -> {}
    }
  }

  private static void add(
      Map<Membership, List<Span>> spans, ChatId chatId, UserId userId, Span span) {
    spans.computeIfAbsent(new Membership(chatId, userId), _ -> new ArrayList<>()).add(span);
  }

  private void checkAnswer(UserId me, History.Asked question, History.@Nullable Got answer) {
    if (answer == null) {
      return;
    }
    switch (answer.frame()) {
      case ServerFrame.History run -> told(me, run.chatId(), question, answer);
      case ServerFrame.Members members -> told(me, members.chatId(), question, answer);
      case ServerFrame.Synced synced ->
          synced.chats().forEach(more -> told(me, more.chatId(), question, answer));
      case ServerFrame.Chats chats ->
          chats.chats().forEach(chat -> told(me, chat.chatId(), question, answer));
      default -> {}
    }
  }

  private void told(UserId me, ChatId chatId, History.Asked question, History.Got answer) {
    Membership membership = new Membership(chatId, me);
    for (Span removal : removals.getOrDefault(membership, List.of())) {
      boolean mayHaveReturned =
          admissions.getOrDefault(membership, List.of()).stream()
              .anyMatch(
                  admission ->
                      !admission.isOverBefore(removal.asked())
                          && !admission.asked().isAfter(answer.at()));
      if (removal.isOverBefore(question.at()) && !mayHaveReturned) {
        report.add(
            Finding.LEAKED,
            "%s: %s was answered %s at %s, and was removed by %s"
                .formatted(
                    chatId,
                    me,
                    answer.frame().getClass().getSimpleName(),
                    answer.at(),
                    removal.answered()));
        return;
      }
    }
  }
}
