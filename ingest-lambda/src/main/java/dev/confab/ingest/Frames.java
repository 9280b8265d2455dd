package dev.confab.ingest;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientFrames;
import dev.confab.events.ErrorCode;
import dev.confab.events.ServerFrame;
import dev.confab.metrics.Measurements;
import dev.confab.table.TableUnavailableException;
import java.io.IOException;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * Answers a frame: reads it, holds its user to the token's expiry and to their rate, and gives it
 * to whoever knows the action. Every action is known to every route, so that a frame on the wrong
 * route still gets its right answer. Thread-safe.
 */
final class Frames {
  private final TokenBuckets buckets;
  private final SendMessage sendMessage;
  private final Subscribing subscribing;
  private final ChatActions chatActions;
  private final HistoryActions historyActions;
  private final Clock clock;

  Frames(
      TokenBuckets buckets,
      SendMessage sendMessage,
      Subscribing subscribing,
      ChatActions chatActions,
      HistoryActions historyActions,
      Clock clock) {
    this.buckets = buckets;
    this.sendMessage = sendMessage;
    this.subscribing = subscribing;
    this.chatActions = chatActions;
    this.historyActions = historyActions;
    this.clock = clock;
  }

  /**
   * Answers.
   *
   * @param body the frame; null for one that is no text
   * @param measured takes what is measured on the way
   * @return null where there is nothing to say yet. Nothing is thrown but an error of the machine
   */
  @Nullable ServerFrame answer(
      @Nullable String body, Principal principal, Caller caller, Log log, Measurements measured) {
    ClientFrames.Parsed parsed =
        body == null
            ? new ClientFrames.Invalid(ErrorCode.INVALID_FRAME, "the frame is not text", null)
            : ClientFrames.parse(body);
    String requestId =
        switch (parsed) {
          case ClientFrames.Valid(ClientFrame frame) -> frame.requestId();
          case ClientFrames.Invalid invalid -> invalid.requestId();
        };
    try {
      return answer(parsed, requestId, principal, caller, measured);
    } catch (StreamUnavailableException | TableUnavailableException unavailable) {
      log.fault("unavailable", unavailable, json -> describe(json, parsed, caller));
      return failed(
          requestId,
          ErrorCode.UNAVAILABLE,
          "not done, or not for certain: send it again after a growing pause");
    } catch (Throwable fault) {
      if (fault instanceof VirtualMachineError && !(fault instanceof StackOverflowError)) {
        throw fault; // out of memory: Lambda replaces the environment
      }
      log.fault("internal", fault, json -> describe(json, parsed, caller));
      return failed(requestId, ErrorCode.INTERNAL, "a fault of ours, logged as " + log.requestId());
    }
  }

  private @Nullable ServerFrame answer(
      ClientFrames.Parsed parsed,
      @Nullable String requestId,
      Principal principal,
      Caller caller,
      Measurements measured) {
    if (!clock.instant().isBefore(principal.tokenExpiresAt())) {
      return failed(requestId, ErrorCode.TOKEN_EXPIRED, "the token has expired");
    }
    if (!buckets.take(caller.userId())) {
      return failed(requestId, ErrorCode.RATE_LIMITED, "too many frames: wait a second or more");
    }
    return switch (parsed) {
      case ClientFrames.Valid(ClientFrame frame) -> act(frame, caller, measured);
      case ClientFrames.Invalid(ErrorCode code, String message, String _) ->
          failed(requestId, code, message);
    };
  }

  private @Nullable ServerFrame act(ClientFrame frame, Caller caller, Measurements measured) {
    return switch (frame) {
      case ClientFrame.SendMessage send -> sendMessage.send(send, caller, measured);
      case ClientFrame.Join join -> subscribing.join(join, caller);
      case ClientFrame.Subscribe subscribe -> subscribing.subscribe(subscribe, caller);
      case ClientFrame.CreateChat create -> chatActions.createChat(create, caller);
      case ClientFrame.AddMember add -> chatActions.addMember(add, caller);
      case ClientFrame.RemoveMember remove -> chatActions.removeMember(remove, caller);
      case ClientFrame.Leave leave -> chatActions.leave(leave, caller);
      case ClientFrame.Members members -> chatActions.members(members, caller);
      case ClientFrame.Chats chats -> chatActions.chats(chats, caller);
      case ClientFrame.History history -> historyActions.history(history, caller);
      case ClientFrame.MyMessages mine -> historyActions.myMessages(mine, caller);
      case ClientFrame.Sync sync -> historyActions.sync(sync, caller);
    };
  }

  private static ServerFrame failed(@Nullable String requestId, ErrorCode code, String message) {
    return new ServerFrame.Failed(requestId, code, message, null);
  }

  private static void describe(JsonGenerator json, ClientFrames.Parsed parsed, Caller caller)
      throws IOException {
    json.writeStringField("connectionId", caller.connectionId().value());
    json.writeStringField("userId", caller.userId().value());
    if (caller.traceId() != null) {
      json.writeStringField("traceId", caller.traceId());
    }
    if (parsed instanceof ClientFrames.Valid(ClientFrame frame)) {
      json.writeStringField("action", ClientFrames.actionOf(frame));
      if (frame.requestId() != null) {
        json.writeStringField("clientRequestId", frame.requestId());
      }
    }
  }
}
