package dev.confab.load.client;

import dev.confab.events.ChatId;
import dev.confab.events.ClientMessageId;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.ServerFrame;
import dev.confab.events.UserId;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a client holds of one chat. Read it on the thread that feeds its {@link ClientCore}; not
 * thread-safe.
 */
public final class ChatView {
  /**
   * An own message that isn't seen in the chat yet.
   *
   * @param isAccepted whether it is known to be on the stream
   */
  public record Pending(ClientMessageId clientMessageId, String text, boolean isAccepted) {}

  private final ChatId chatId;
  private final UserId me;
  private final Consumer<Output> out;
  private final Timeline timeline;
  final Catchup catchup;
  final Outbox outbox;
  final Subscription subscription;
  private ChatState told = ChatState.LOADING;
  private @Nullable String closedWhy;

  ChatView(ChatId chatId, UserId me, boolean joins, RandomGenerator random, Consumer<Output> out) {
    this.chatId = chatId;
    this.me = me;
    this.out = out;
    this.timeline = new Timeline(chatId, this::tell);
    this.catchup = new Catchup(chatId, timeline, random);
    this.outbox = new Outbox(chatId, random, out);
    this.subscription = new Subscription(joins, random);
  }

  public ChatId chatId() {
    return chatId;
  }

  /** What is to be seen, oldest first: an unbroken part of the chat, each message once. */
  public List<Entry.Shown> shown() {
    return timeline.shown();
  }

  /** Own messages that aren't seen in the chat yet, in the order they were written. */
  public List<Pending> pending() {
    return outbox.pending();
  }

  /** Up to where everything is held; {@link Cursor#start} too where nothing is yet. */
  public Cursor cursor() {
    return catchup.cursor();
  }

  /** Whether there is something before the oldest entry held. */
  public boolean hasOlder() {
    return catchup.hasOlder();
  }

  public ChatState state() {
    if (closedWhy != null) {
      return ChatState.CLOSED;
    }
    if (!catchup.isLoaded()) {
      return ChatState.LOADING;
    }
    return catchup.isBehind() ? ChatState.BEHIND : ChatState.CURRENT;
  }

  /** Whether history and sends would be refused, since the user isn't a member yet. */
  boolean mustJoin() {
    return subscription.joins();
  }

  /** When there is something to ask or send, null while there is nothing. */
  @Nullable Instant due() {
    if (mustJoin()) {
      return null;
    }
    Instant due = Earliest.of(catchup.due(), outbox.due());
    return Earliest.of(due, outbox.echoDue());
  }

  boolean isClosed() {
    return closedWhy != null;
  }

  private void tell(Output output) {
    out.accept(output);
    if (output instanceof Output.Shown(ChatId _, Entry.Shown entry)) {
      place(entry);
    }
  }

  private void place(Entry.Shown entry) {
    switch (entry) {
      case Entry.Posted posted -> place(posted.senderId(), posted.clientMessageId());
      case Entry.Parked parked -> place(parked.senderId(), parked.clientMessageId());
    }
  }

  private void place(@Nullable UserId senderId, @Nullable ClientMessageId id) {
    if (id != null && me.equals(senderId)) {
      outbox.placed(id);
    }
  }

  void joined(ServerFrame.Joined joined) {
    subscription.joined();
    catchup.joined(joined.prev());
  }

  void connected(Instant now) {
    catchup.connected();
    outbox.connected();
    subscription.connected(now);
  }

  void disconnected(boolean wasTooLarge) {
    if (wasTooLarge) {
      outbox.tooLarge();
    }
    catchup.disconnected();
    outbox.disconnected();
    subscription.disconnected();
  }

  /** Nothing more is asked for or sent; what is held stays. */
  void close(String why) {
    if (closedWhy == null) {
      closedWhy = why;
      outbox.close(why);
    }
  }

  /** Ends an input: draws what follows from it, and tells of a new state. */
  void settle(Instant now) {
    outbox.overdue(now).forEach(catchup::reach);
    if (catchup.isLoaded()) {
      outbox.passed(catchup.cursor());
    }
    ChatState state = state();
    if (state != told) {
      told = state;
      out.accept(new Output.State(chatId, state, closedWhy));
    }
  }
}
