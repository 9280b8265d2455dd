package dev.confab.load.client;

import dev.confab.events.ChatId;
import dev.confab.events.ClientFrame;
import dev.confab.events.Cursor;
import dev.confab.events.Entry;
import dev.confab.events.Position;
import dev.confab.events.ServerFrame;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a chat's cursor: from the oldest entry held up to it, everything is held. It moves only
 * over an unbroken run, of live frames or of history. What comes beyond a hole waits until history
 * has closed it. One question to history is under way at a time. Not thread-safe.
 */
final class Catchup {
  /** What is asked of history. */
  enum Question {
    /** The newest page, where nothing is held. */
    NEWEST,
    /** What follows the cursor. */
    FORWARD,
    /** What was parked, as it is now. */
    AGAIN,
    /** The page before the oldest entry held. */
    OLDER
  }

  private final ChatId chatId;
  private final Timeline timeline;
  private final RandomGenerator random;
  private final Backoff backoff;

  /** Live messages beyond a hole, or that came before the first page. */
  private final NavigableMap<Position, Entry.Posted> held = new TreeMap<>();

  /** Places held, to be fetched again. */
  private final NavigableSet<Position> again = new TreeSet<>();

  private boolean isLoaded;
  private Cursor cursor = Cursor.start();

  /** Something is known to exist here. */
  private Cursor target = Cursor.start();

  /** Something may exist, nobody knows where: history is asked once to its end. */
  private boolean mustLook;

  private boolean wantsOlder;
  private boolean hasOlder;
  private @Nullable Position oldest;
  private @Nullable Question asked;
  private Instant notBefore = Instant.MIN;
  private long spreadMillis = Rules.UNKNOWN_SPREAD.toMillis();

  Catchup(ChatId chatId, Timeline timeline, RandomGenerator random) {
    this.chatId = chatId;
    this.timeline = timeline;
    this.random = random;
    this.backoff = new Backoff(Rules.HISTORY_PAUSE, Rules.HISTORY_MAX_PAUSE, 0.5, random);
  }

  /** Up to where all is held; {@link Cursor#start} too where nothing is yet. */
  Cursor cursor() {
    return cursor;
  }

  boolean isLoaded() {
    return isLoaded;
  }

  boolean isBehind() {
    return isLoaded && (mustLook || target.isAfter(cursor));
  }

  boolean hasOlder() {
    return hasOlder;
  }

  /** Live messages came. */
  void live(ServerFrame.Messages frame, Instant now) {
    for (Entry.Posted message : frame.messages()) {
      held.put(message.position(), message);
    }
    if (frame.askWithinMillis() > 0) {
      spreadMillis = frame.askWithinMillis();
    }
    drain(now);
    if (held.size() > Rules.MAX_HELD) {
      reach(held.lastKey());
      held.clear();
    }
  }

  private boolean isHeld(Position position) {
    return isLoaded && !position.isAfter(cursor);
  }

  /** Takes from what waits all that follows the cursor without a hole. */
  private void drain(Instant now) {
    while (isLoaded && !held.isEmpty()) {
      Entry.Posted message = held.firstEntry().getValue();
      Cursor prev = message.prev();
      if (isHeld(message.position())) {
        held.pollFirstEntry();
      } else if (prev != null && !prev.isAfter(cursor)) {
        held.pollFirstEntry();
        timeline.put(message);
        cursor = message.position();
      } else {
        askFor(message, now);
        break;
      }
    }
    if (timeline.size() > Rules.MAX_KEPT) {
      forget();
    }
  }

  private void askFor(Entry.Posted beyondAHole, Instant now) {
    Cursor prev = beyondAHole.prev();
    if (prev != null) {
      reach(prev);
    } else if (beyondAHole.position().isAfter(target)) {
      target = beyondAHole.position();
      long spread = Math.round(spreadMillis * random.nextDouble());
      wait(now.plus(Rules.UNKNOWN_PAUSE).plusMillis(spread));
    }
  }

  private void forget() {
    timeline.forget(Rules.FORGET);
    oldest = timeline.oldest();
    hasOlder = true;
    again.removeIf(position -> !isWithin(position));
  }

  private void wait(Instant until) {
    if (until.isAfter(notBefore)) {
      notBefore = until;
    }
  }

  /** This connection receives the chat, and {@code prev} is the newest message before. */
  void joined(@Nullable Cursor prev) {
    if (prev == null) {
      mustLook = true;
    } else {
      reach(prev);
    }
  }

  /** Something is known to exist at a place. */
  void reach(Cursor place) {
    if (place.isAfter(target)) {
      target = place;
    }
  }

  /** What is at a position has changed. */
  void repaired(Position position) {
    if (!isHeld(position)) {
      reach(position);
    } else if (isWithin(position)) {
      again.add(position);
    }
  }

  /** What lies below the oldest entry held is found as it is by going back. */
  private boolean isWithin(Position position) {
    return !hasOlder || oldest == null || !oldest.isAfter(position);
  }

  /** Asks for a page of what is before the oldest entry held. */
  void older() {
    wantsOlder = isLoaded && hasOlder;
  }

  /** Fetches every placeholder again: word of its repair may have been lost. */
  void lookAgain() {
    again.addAll(timeline.parked());
  }

  void connected() {
    notBefore = Instant.MIN;
    backoff.reset();
  }

  void disconnected() {
    asked = null;
  }

  /** When there is something to ask; null while nothing is lacking or a question is under way. */
  @Nullable Instant due() {
    boolean lacks = !isLoaded || isBehind() || !again.isEmpty() || wantsOlder;
    return lacks && asked == null ? notBefore : null;
  }

  /** The question that is due, from now on under way. */
  ClientFrame.History ask(String requestId) {
    if (!isLoaded) {
      asked = Question.NEWEST;
      return new ClientFrame.History(requestId, chatId, null, null, Rules.PAGE);
    }
    if (isBehind()) {
      asked = Question.FORWARD;
      return after(requestId, cursor, ClientFrame.MAX_LIMIT);
    }
    if (!again.isEmpty()) {
      asked = Question.AGAIN;
      return askAgain(requestId);
    }
    asked = Question.OLDER;
    return new ClientFrame.History(requestId, chatId, null, oldest, Rules.PAGE);
  }

  private ClientFrame.History askAgain(String requestId) {
    Position first = again.first();
    Entry.Shown known = timeline.at(first);
    Cursor prev = known == null ? null : known.prev();
    if (prev != null) {
      return after(requestId, prev, again.size() == 1 ? 1 : ClientFrame.MAX_LIMIT);
    }
    Position below = timeline.below(first);
    return after(requestId, below == null ? Cursor.start() : below, ClientFrame.MAX_LIMIT);
  }

  private ClientFrame.History after(String requestId, Cursor after, int limit) {
    return new ClientFrame.History(requestId, chatId, after, null, limit);
  }

  /** The question had no answer, or an error that may pass. */
  void failed(Instant now) {
    asked = null;
    wait(now.plus(backoff.next()));
  }

  /** The answer to the question under way. */
  void answered(ServerFrame.History run, Instant now) {
    Question question = asked;
    if (question == null) {
      return;
    }
    asked = null;
    boolean gotOn =
        switch (question) {
          case NEWEST -> newest(run);
          case FORWARD -> forward(run);
          case AGAIN -> again(run);
          case OLDER -> older(run);
        };
    if (gotOn) {
      backoff.reset();
    } else {
      wait(now.plus(backoff.next()));
    }
    drain(now);
  }

  private boolean newest(ServerFrame.History run) {
    run.messages().forEach(timeline::put);
    isLoaded = true;
    cursor = run.through();
    hasOlder = run.hasMore();
    oldest = timeline.oldest();
    if (oldest == null && cursor instanceof Position allHidden) {
      oldest = allHidden;
    }
    return true;
  }

  /** The run begins at the cursor, or before it where live frames have moved it since. */
  private boolean forward(ServerFrame.History run) {
    run.messages().forEach(timeline::put);
    boolean moved = run.through().isAfter(cursor);
    if (moved) {
      cursor = run.through();
    }
    mustLook &= run.hasMore();
    return moved || !isBehind();
  }

  private boolean again(ServerFrame.History run) {
    for (Entry.Shown entry : run.messages()) {
      if (isHeld(entry.position()) && isWithin(entry.position())) {
        timeline.put(entry);
      }
    }
    int before = again.size();
    again.removeIf(position -> !run.hasMore() || !position.isAfter(run.through()));
    return again.size() < before;
  }

  private boolean older(ServerFrame.History run) {
    run.messages().forEach(timeline::put);
    hasOlder = run.hasMore();
    boolean moved = run.through() instanceof Position low && !low.equals(oldest);
    if (run.through() instanceof Position low) {
      oldest = low;
    }
    wantsOlder = hasOlder && run.messages().isEmpty();
    return moved || !hasOlder;
  }
}
