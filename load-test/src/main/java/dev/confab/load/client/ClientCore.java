package dev.confab.load.client;

import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.ClientFrames;
import dev.confab.events.ClientMessageId;
import dev.confab.events.ErrorCode;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The client rules without a socket, a clock or a thread: inputs go in, what is to be done and what
 * has changed comes out, in order. The same inputs with the same randomness give the same outputs.
 *
 * <p>The caller opens and closes sockets as {@link Output.Connect} and {@link Output.Close} say,
 * gives every frame to {@link #received}, and calls {@link #tick} at {@link #nextTick} at the
 * latest. Times must not go back. Not thread-safe: one thread feeds it and reads its views.
 */
public final class ClientCore {
  /** The close code for a frame or message that is too large. */
  public static final int TOO_LARGE = 1009;

  private enum Link {
    DOWN,
    CONNECTING,
    UP,
    CLOSING
  }

  private final UserId me;
  private final boolean followsAllChats;
  private final RandomGenerator random;
  private final Supplier<ClientMessageId> ids;
  private final Backoff connectBackoff;
  private final Map<ChatId, ChatView> chats = new LinkedHashMap<>();
  private final Requests requests = new Requests();
  private final Upkeep upkeep;
  private List<Output> out = new ArrayList<>();
  private Link link = Link.DOWN;
  private Instant connectAt = Instant.MIN;
  private boolean isStopped;

  /**
   * A client that hasn't connected yet; the first {@link #tick} asks for a socket.
   *
   * @param followsAllChats whether every chat of the user is opened, also those they are added to
   *     later; else those that {@link #open} and {@link #join} name
   * @param random for pauses only
   * @param ids random and unique for good
   */
  public ClientCore(
      UserId me, boolean followsAllChats, RandomGenerator random, Supplier<ClientMessageId> ids) {
    this.me = me;
    this.followsAllChats = followsAllChats;
    this.random = random;
    this.ids = ids;
    this.connectBackoff = new Backoff(Rules.CONNECT_PAUSE, Rules.MAX_PAUSE, 1, random);
    this.upkeep = new Upkeep(followsAllChats, random);
  }

  /** The chats that are open, closed ones that were not opened again among them. */
  public Collection<ChatView> views() {
    return Collections.unmodifiableCollection(chats.values());
  }

  /** What is held of a chat, null if it was never opened. */
  public @Nullable ChatView view(ChatId chatId) {
    return chats.get(chatId);
  }

  /** Opens a chat that the user is a member of; one that was closed anew, from its newest page. */
  public List<Output> open(ChatId chatId, Instant now) {
    openView(chatId, false);
    return settle(now);
  }

  /** As {@link #open}, for an open chat that the user need not be a member of. */
  public List<Output> join(ChatId chatId, Instant now) {
    openView(chatId, true);
    return settle(now);
  }

  private ChatView openView(ChatId chatId, boolean joins) {
    ChatView known = chats.get(chatId);
    if (known != null && !known.isClosed()) {
      return known;
    }
    if (known == null && chats.size() >= Rules.MAX_CHATS) {
      throw new IllegalStateException(Rules.MAX_CHATS + " chats are open already");
    }
    ChatView view = new ChatView(chatId, me, joins, random, output -> out.add(output));
    chats.put(chatId, view);
    out.add(new Output.State(chatId, ChatState.LOADING, null));
    return view;
  }

  /**
   * Posts text to an open chat, now or when there is a connection.
   *
   * @return also {@link Output.Own} with the id that the message has from here on
   * @throws IllegalArgumentException if the text is not one that may be sent
   * @throws IllegalStateException if the chat isn't open, or too many messages wait already
   */
  public List<Output> send(ChatId chatId, String text, Instant now) {
    ChatView view = chats.get(chatId);
    if (view == null || view.isClosed()) {
      throw new IllegalStateException("open the chat first: " + chatId);
    }
    ClientMessageId id = ids.get();
    var largest =
        new ClientFrame.SendMessage(
            "r".repeat(ClientFrame.MAX_REQUEST_ID_BYTES), chatId, id, text, true);
    checkSize(largest);
    view.outbox.add(id, text);
    return settle(now);
  }

  private static void checkSize(ClientFrame frame) {
    int bytes = ClientFrames.encode(frame).getBytes(StandardCharsets.UTF_8).length;
    if (bytes > ClientFrame.MAX_FRAME_BYTES) {
      throw new IllegalArgumentException(
          "too long: encoded, the frame has %d bytes, and %d are allowed"
              .formatted(bytes, ClientFrame.MAX_FRAME_BYTES));
    }
  }

  /** Asks for a page of what is before the oldest entry held of a chat. */
  public List<Output> older(ChatId chatId, Instant now) {
    ChatView view = chats.get(chatId);
    if (view != null && !view.isClosed()) {
      view.catchup.older();
    }
    return settle(now);
  }

  /**
   * Asks the server for something that is no part of a view: createChat, members and the like. It
   * is sent once: without a connection, or if that is lost, it stays unanswered.
   *
   * @param frame makes the frame with the request id given
   * @return ends in {@link Output.Answered} or {@link Output.Unanswered}, now or later
   */
  public List<Output> request(Function<String, ClientFrame> frame, Instant now) {
    String id = requests.nextId();
    ClientFrame made = frame.apply(id);
    checkSize(made);
    if (link == Link.UP) {
      ask(new Requests.Asked(id, made, Requests.Purpose.CALLER, null), now);
    } else {
      out.add(new Output.Unanswered(id));
    }
    return settle(now);
  }

  /** The socket is open. */
  public List<Output> connected(Instant now) {
    link = Link.UP;
    upkeep.connected(!chats.isEmpty(), now);
    for (ChatView view : chats.values()) {
      view.connected(now);
    }
    return settle(now);
  }

  /**
   * The socket is closed, or could not be opened.
   *
   * @param code of the close frame, 1006 where there was none
   */
  public List<Output> disconnected(int code, Instant now) {
    link = Link.DOWN;
    connectAt = now.plus(connectBackoff.next());
    for (Requests.Asked asked : requests.clear()) {
      if (asked.purpose() == Requests.Purpose.CALLER) {
        out.add(new Output.Unanswered(asked.requestId()));
      }
    }
    for (ChatView view : chats.values()) {
      view.disconnected(code == TOO_LARGE);
    }
    return settle(now);
  }

  /** Closes the socket and opens no other. */
  public List<Output> stop(Instant now) {
    isStopped = true;
    close();
    return settle(now);
  }

  /** When {@link #tick} is to be called at the latest, null for never. */
  public @Nullable Instant nextTick() {
    if (isStopped || link == Link.CONNECTING || link == Link.CLOSING) {
      return null;
    }
    if (link == Link.DOWN) {
      return connectAt;
    }
    Instant next = Earliest.of(requests.nextDeadline(), upkeep.due());
    for (ChatView view : chats.values()) {
      if (!view.isClosed()) {
        next = Earliest.of(next, view.due());
        next = Earliest.of(next, upkeep.subscriptionDue(view));
      }
    }
    return next;
  }

  /** Time has passed. */
  public List<Output> tick(Instant now) {
    for (Requests.Asked late : requests.overdue(now)) {
      switch (late.purpose()) {
        case CALLER -> out.add(new Output.Unanswered(late.requestId()));
        case VIEW -> viewFailed(late, ErrorCode.UNAVAILABLE, now);
        case UPKEEP -> {
          upkeepFailed(late.frame(), ErrorCode.UNAVAILABLE, now);
          if (late.frame() instanceof ClientFrame.Sync
              || late.frame() instanceof ClientFrame.Chats) {
            close(); // nobody is there
          }
        }
      }
    }
    return settle(now);
  }

  /** A frame came. */
  public List<Output> received(ServerFrame frame, Instant now) {
    if (!(frame instanceof ServerFrame.Failed)) {
      connectBackoff.reset();
    }
    switch (frame) {
      case ServerFrame.Messages messages -> {
        ChatView view = opened(messages.chatId());
        if (view != null) {
          view.catchup.live(messages, now);
        }
      }
      case ServerFrame.Joined joined -> joined(joined);
      case ServerFrame.Repaired(ChatId chatId, var position) -> {
        ChatView view = opened(chatId);
        if (view != null) {
          view.catchup.repaired(position);
        }
      }
      case ServerFrame.Unsubscribed(ChatId chatId, var reason) -> close(chatId, reason.wire());
      case ServerFrame.Sent sent -> {
        requests.answered(sent.requestId());
        ChatView view = opened(sent.chatId());
        if (view != null) {
          view.outbox.accepted(sent.clientMessageId(), sent.position(), now);
        }
      }
      case ServerFrame.Failed failed -> failed(failed, now);
      case ServerFrame.ChatCreated answer -> answered(answer.requestId(), answer, now);
      case ServerFrame.MemberAdded answer -> answered(answer.requestId(), answer, now);
      case ServerFrame.MemberRemoved answer -> answered(answer.requestId(), answer, now);
      case ServerFrame.Members answer -> answered(answer.requestId(), answer, now);
      case ServerFrame.Chats answer -> answered(answer.requestId(), answer, now);
      case ServerFrame.Left answer -> {
        answered(answer.requestId(), answer, now);
        close(answer.chatId(), "left");
      }
      case ServerFrame.SubscribeAccepted answer -> answered(answer.requestId(), answer, now);
      case ServerFrame.History answer -> answered(answer.requestId(), answer, now);
      case ServerFrame.MyMessages answer -> answered(answer.requestId(), answer, now);
      case ServerFrame.Synced answer -> answered(answer.requestId(), answer, now);
    }
    return settle(now);
  }

  private @Nullable ChatView opened(ChatId chatId) {
    ChatView view = chats.get(chatId);
    return view == null || view.isClosed() ? null : view;
  }

  private void joined(ServerFrame.Joined joined) {
    requests.joined(joined.requestId());
    ChatView view = followsAllChats ? openView(joined.chatId(), false) : opened(joined.chatId());
    if (view != null) {
      view.joined(joined);
      upkeep.expires(joined.expiresAt());
    }
  }

  private void close(ChatId chatId, String why) {
    ChatView view = opened(chatId);
    if (view != null) {
      view.close(why);
    }
  }

  private void answered(@Nullable String requestId, ServerFrame answer, Instant now) {
    Requests.Asked asked = requests.answered(requestId);
    if (asked == null) {
      return; // it was given up, or belongs to a connection before
    }
    ChatView view = asked.view();
    switch (asked.purpose()) {
      case CALLER -> out.add(new Output.Answered(asked.requestId(), answer));
      case UPKEEP -> keptUp(answer, now);
      case VIEW -> {
        if (view != null && !view.isClosed() && answer instanceof ServerFrame.History run) {
          view.catchup.answered(run, now);
        }
      }
    }
  }

  private void keptUp(ServerFrame answer, Instant now) {
    switch (answer) {
      case ServerFrame.SubscribeAccepted accepted -> {
        upkeep.subscribed();
        for (ChatId chatId : accepted.chatIds()) {
          if (followsAllChats) {
            openView(chatId, false).subscription.asked(now);
          }
        }
        for (ServerFrame.SubscribeFailed failed : accepted.failed()) {
          notSubscribed(failed.chatId(), failed.code(), now);
        }
      }
      case ServerFrame.Chats page -> {
        upkeep.listed(page, now);
        for (ServerFrame.ChatSummary chat : page.chats()) {
          if (followsAllChats) {
            openView(chat.chatId(), false).catchup.reach(chat.newest());
          }
        }
      }
      case ServerFrame.Synced synced -> {
        upkeep.synced(now);
        for (ServerFrame.More more : synced.chats()) {
          ChatView view = opened(more.chatId());
          if (view != null) {
            view.catchup.reach(more.newest());
          }
        }
      }
      default -> {} // no other answers to what the upkeep asks
    }
  }

  private void failed(ServerFrame.Failed failed, Instant now) {
    if (failed.code() == ErrorCode.TOKEN_EXPIRED) {
      close();
    }
    Requests.Asked asked = requests.failed(failed);
    ChatId chatId = failed.chatId();
    if (asked == null) {
      if (chatId != null) {
        notSubscribed(chatId, failed.code(), now); // the fan-out refuses
      }
      return;
    }
    switch (asked.purpose()) {
      case CALLER -> out.add(new Output.Answered(asked.requestId(), failed));
      case VIEW -> viewFailed(asked, failed.code(), now);
      case UPKEEP -> upkeepFailed(asked.frame(), failed.code(), now);
    }
  }

  private void viewFailed(Requests.Asked asked, ErrorCode code, Instant now) {
    ChatView view = asked.view();
    if (view == null || view.isClosed()) {
      return;
    }
    if (asked.frame() instanceof ClientFrame.SendMessage) {
      view.outbox.failed(code, now);
    } else if (isFinal(code)) {
      view.close(code.name());
    } else {
      view.catchup.failed(now);
    }
  }

  private void upkeepFailed(ClientFrame frame, ErrorCode code, Instant now) {
    upkeep.failed(frame, now);
    switch (frame) {
      case ClientFrame.Join join -> notSubscribed(join.chatId(), code, now);
      case ClientFrame.Subscribe subscribe -> {
        for (ChatId chatId : subscribe.chatIds()) {
          notSubscribed(chatId, ErrorCode.UNAVAILABLE, now); // the error isn't about the chat
        }
      }
      default -> {} // the next round asks again
    }
  }

  private static boolean isFinal(ErrorCode code) {
    return !code.isRetryable() && code != ErrorCode.TOKEN_EXPIRED;
  }

  private void notSubscribed(ChatId chatId, ErrorCode code, Instant now) {
    ChatView view = opened(chatId);
    if (view == null) {
      return;
    }
    if (isFinal(code)) {
      view.close(code.name());
      return;
    }
    if (code == ErrorCode.CHAT_FULL) {
      view.subscription.admitted(); // only members are told: history and sends work
    }
    view.subscription.failed(now);
  }

  private void ask(Requests.Asked asked, Instant now) {
    requests.add(asked, now.plus(Rules.REPLY_TIMEOUT));
    out.add(new Output.Send(asked.frame()));
  }

  private void close() {
    if (link == Link.UP || link == Link.CONNECTING) {
      link = Link.CLOSING;
      out.add(new Output.Close());
    }
  }

  /** Ends an input: does all that is due. */
  private List<Output> settle(Instant now) {
    if (!isStopped && link == Link.DOWN && !now.isBefore(connectAt)) {
      link = Link.CONNECTING;
      out.add(new Output.Connect());
    }
    if (link == Link.UP && upkeep.mustRenew(now)) {
      connectBackoff.reset();
      close();
    }
    if (link == Link.UP) {
      upkeep.ask(chats.values(), requests::nextId, now).forEach(asked -> ask(asked, now));
    }
    for (ChatView view : chats.values()) {
      view.settle(now);
      if (link == Link.UP && !view.isClosed() && !view.mustJoin()) {
        askFor(view, now);
      }
    }
    List<Output> done = out;
    out = new ArrayList<>();
    return done;
  }

  private void askFor(ChatView view, Instant now) {
    if (isDue(view.outbox.due(), now)) {
      ClientFrame.SendMessage frame = view.outbox.send(requests.nextId());
      askFor(view, frame, now);
    }
    if (isDue(view.catchup.due(), now)) {
      ClientFrame.History frame = view.catchup.ask(requests.nextId());
      askFor(view, frame, now);
    }
  }

  private void askFor(ChatView view, ClientFrame frame, Instant now) {
    String requestId = String.valueOf(frame.requestId());
    ask(new Requests.Asked(requestId, frame, Requests.Purpose.VIEW, view), now);
  }

  private static boolean isDue(@Nullable Instant when, Instant now) {
    return when != null && !now.isBefore(when);
  }
}
