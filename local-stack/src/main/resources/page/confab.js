/**
 * A client of Confab that keeps every client rule of docs/protocol.yaml. No dependencies.
 *
 * `Core` is the rules alone, without a socket, a clock or a thread: inputs go in, what is to be done
 * and what has changed comes out, in order. `Client` puts it on a WebSocket. The Java client has the
 * same parts by the same names, and both pass the same scenarios.
 */

/** The numbers of the rules. Times are in milliseconds. */
export const RULES = Object.freeze({
  maxFrameBytes: 32000, // API Gateway closes the connection at 32 KB
  maxTextBytes: 16 * 1024,
  maxHeld: 500, // live messages beyond a hole; over it they are dropped and fetched instead
  maxKept: 5000, // entries of a chat while it grows; over it the oldest are forgotten
  forget: 1000, // how many at a time
  maxUnsent: 1000, // own messages of a chat that are not known to be on the stream
  maxChats: 1000, // open at once
  page: 50,
  maxLimit: 100,
  maxSubscribe: 200, // chats of one subscribe frame
  maxSync: 50, // chats of one sync frame
  replyTimeout: 15_000,
  joinedTimeout: 30_000, // it comes through the stream: a consumer may be behind
  syncEvery: 5 * 60_000, // API Gateway closes what is idle for 10 minutes
  echoTimeout: 5_000, // after an ack, until history is asked for the message
  unknownSpread: 2_000, // everyone sees the same `prev: null` at once; the frame may name another
  unknownPause: 100, // before that: at once, history would most often not have the message yet
  renewBefore: 30_000, // before subscriptions expire; the same again is the spread
  minLifetime: 60_000, // a younger connection isn't renewed, whatever a clock says
  historyPause: 250,
  historyMaxPause: 10_000,
  sendPause: 1_000,
  subscribePause: 1_000,
  connectPause: 500,
  maxPause: 30_000,
});

export const START = 'START';
export const TOO_LARGE = 1009; // the close code for a frame that is too large

const NEVER = Infinity;

/** Positions compare as strings; START comes before all. */
function isAfter(a, b) {
  if (a === START) return false;
  return b === START || a > b;
}

/** Growing pauses, of which a random part is taken off so that clients don't return at one moment. */
class Backoff {
  constructor(first, max, spread, random) {
    Object.assign(this, { first, max, spread, random, pause: first });
  }

  next() {
    const pause = this.pause;
    this.pause = Math.min(this.max, pause * 2);
    return Math.round(pause * (1 - this.spread + this.spread * this.random()));
  }

  reset() {
    this.pause = this.first;
  }
}

/**
 * The entries of a chat that a client holds, in the chat's order, each message once: of several
 * copies the first is shown, whichever came first. A placeholder is shown only where no copy is.
 */
class Timeline {
  constructor(chatId, out) {
    this.chatId = chatId;
    this.out = out;
    this.entries = []; // sorted by position
    this.copies = new Map(); // sender and clientMessageId -> sorted positions
  }

  static key(entry) {
    return entry.senderId && entry.clientMessageId
      ? `${entry.senderId} ${entry.clientMessageId}`
      : null;
  }

  /** The index of the first entry at or after a position. */
  indexOf(position) {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.entries[middle].position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  at(position) {
    const entry = this.entries[this.indexOf(position)];
    return entry && entry.position === position ? entry : null;
  }

  /** The position of the entry before one, or START. */
  below(position) {
    const index = this.indexOf(position);
    return index > 0 ? this.entries[index - 1].position : START;
  }

  /** Holds an entry, in the place of a placeholder. A message is never replaced. */
  put(entry) {
    const before = this.at(entry.position);
    if (before && (!before.parked || (entry.parked && Timeline.key(before) === Timeline.key(entry)))) {
      return;
    }
    if (before) this.remove(entry.position);
    const key = Timeline.key(entry);
    const shown = this.winner(key);
    this.entries.splice(this.indexOf(entry.position), 0, entry);
    if (!key) {
      this.out({ type: 'shown', chatId: this.chatId, entry });
      return;
    }
    const positions = this.copies.get(key) ?? [];
    positions.push(entry.position);
    positions.sort();
    this.copies.set(key, positions);
    this.move(shown, this.winner(key));
  }

  remove(position) {
    const entry = this.at(position);
    const key = Timeline.key(entry);
    const shown = this.winner(key);
    this.entries.splice(this.indexOf(position), 1);
    if (!key) {
      this.out({ type: 'hidden', chatId: this.chatId, position });
      return;
    }
    const positions = this.copies.get(key).filter((one) => one !== position);
    if (positions.length > 0) this.copies.set(key, positions);
    else this.copies.delete(key);
    this.move(shown, this.winner(key));
  }

  move(from, to) {
    if (from && from !== to) this.out({ type: 'hidden', chatId: this.chatId, position: from });
    if (to && from !== to) this.out({ type: 'shown', chatId: this.chatId, entry: this.at(to) });
  }

  /** Which of a message's copies is shown. */
  winner(key) {
    const positions = this.copies.get(key);
    if (!positions) return null;
    return positions.find((position) => this.at(position) && !this.at(position).parked) ?? positions[0];
  }

  forget(count) {
    for (let i = 0; i < count && this.entries.length > 0; i++) {
      this.remove(this.entries[0].position);
    }
  }

  oldest() {
    return this.entries.length > 0 ? this.entries[0].position : null;
  }

  parked() {
    return this.entries.filter((entry) => entry.parked).map((entry) => entry.position);
  }

  shown() {
    return this.entries.filter((entry) => {
      const key = Timeline.key(entry);
      return !key || this.winner(key) === entry.position;
    });
  }
}

/**
 * Keeps a chat's cursor: from the oldest entry held up to it, everything is held. It moves only over
 * an unbroken run, of live frames or of history. What comes beyond a hole waits until history has
 * closed it. One question to history is under way at a time.
 */
class Catchup {
  constructor(chatId, timeline, random) {
    this.chatId = chatId;
    this.timeline = timeline;
    this.random = random;
    this.backoff = new Backoff(RULES.historyPause, RULES.historyMaxPause, 0.5, random);
    this.held = new Map(); // beyond a hole, or from before the first page
    this.again = new Set(); // places held, to be fetched again
    this.isLoaded = false;
    this.cursor = START;
    this.target = START; // something is known to exist here
    this.mustLook = false; // something may exist, nobody knows where
    this.wantsOlder = false;
    this.hasOlder = false;
    this.oldest = null;
    this.asked = null; // newest, forward, again or older
    this.notBefore = -NEVER;
    this.spread = RULES.unknownSpread;
  }

  get isBehind() {
    return this.isLoaded && (this.mustLook || isAfter(this.target, this.cursor));
  }

  isHeld(position) {
    return this.isLoaded && !isAfter(position, this.cursor);
  }

  live(frame, now) {
    for (const message of frame.messages) this.held.set(message.position, message);
    if (frame.askWithinMillis > 0) this.spread = frame.askWithinMillis;
    this.drain(now);
    if (this.held.size > RULES.maxHeld) {
      this.reach([...this.held.keys()].sort().at(-1));
      this.held.clear();
    }
  }

  /** Takes from what waits all that follows the cursor without a hole. */
  drain(now) {
    if (!this.isLoaded) return;
    for (const position of [...this.held.keys()].sort()) {
      const message = this.held.get(position);
      if (this.isHeld(position)) {
        this.held.delete(position);
      } else if (message.prev !== null && !isAfter(message.prev, this.cursor)) {
        this.held.delete(position);
        this.timeline.put(message);
        this.cursor = position;
      } else {
        this.askFor(message, now);
        break;
      }
    }
    if (this.timeline.entries.length > RULES.maxKept) this.forget();
  }

  askFor(beyondAHole, now) {
    if (beyondAHole.prev !== null) {
      this.reach(beyondAHole.prev);
    } else if (isAfter(beyondAHole.position, this.target)) {
      this.target = beyondAHole.position;
      this.wait(now + RULES.unknownPause + Math.round(this.spread * this.random()));
    }
  }

  forget() {
    this.timeline.forget(RULES.forget);
    this.oldest = this.timeline.oldest();
    this.hasOlder = true;
    for (const position of this.again) {
      if (!this.isWithin(position)) this.again.delete(position);
    }
  }

  wait(until) {
    this.notBefore = Math.max(this.notBefore, until);
  }

  joined(prev) {
    if (prev === null) this.mustLook = true;
    else this.reach(prev);
  }

  reach(place) {
    if (isAfter(place, this.target)) this.target = place;
  }

  repaired(position) {
    if (!this.isHeld(position)) this.reach(position);
    else if (this.isWithin(position)) this.again.add(position);
  }

  /** What lies below the oldest entry held is found as it is by going back. */
  isWithin(position) {
    return !this.hasOlder || this.oldest === null || this.oldest <= position;
  }

  older() {
    this.wantsOlder = this.isLoaded && this.hasOlder;
  }

  /** Fetches every placeholder again: word of its repair may have been lost. */
  lookAgain() {
    for (const position of this.timeline.parked()) this.again.add(position);
  }

  connected() {
    this.notBefore = -NEVER;
    this.backoff.reset();
  }

  disconnected() {
    this.asked = null;
  }

  due() {
    const lacks = !this.isLoaded || this.isBehind || this.again.size > 0 || this.wantsOlder;
    return lacks && this.asked === null ? this.notBefore : NEVER;
  }

  ask() {
    const base = { action: 'history', chatId: this.chatId };
    if (!this.isLoaded) {
      this.asked = 'newest';
      return { ...base, limit: RULES.page };
    }
    if (this.isBehind) {
      this.asked = 'forward';
      return { ...base, after: this.cursor, limit: RULES.maxLimit };
    }
    if (this.again.size > 0) {
      this.asked = 'again';
      const first = [...this.again].sort()[0];
      const prev = this.timeline.at(first)?.prev ?? null;
      if (prev === null) return { ...base, after: this.timeline.below(first), limit: RULES.maxLimit };
      return { ...base, after: prev, limit: this.again.size === 1 ? 1 : RULES.maxLimit };
    }
    this.asked = 'older';
    return { ...base, before: this.oldest, limit: RULES.page };
  }

  failed(now) {
    this.asked = null;
    this.wait(now + this.backoff.next());
  }

  answered(run, now) {
    const question = this.asked;
    if (question === null) return;
    this.asked = null;
    const gotOn = this[`answered_${question}`](run);
    if (gotOn) this.backoff.reset();
    else this.wait(now + this.backoff.next());
    this.drain(now);
  }

  answered_newest(run) {
    for (const entry of run.messages) this.timeline.put(entry);
    this.isLoaded = true;
    this.cursor = run.through;
    this.hasOlder = run.hasMore;
    this.oldest = this.timeline.oldest() ?? (run.through === START ? null : run.through);
    return true;
  }

  /** The run begins at the cursor, or before it where live frames have moved it since. */
  answered_forward(run) {
    for (const entry of run.messages) this.timeline.put(entry);
    const moved = isAfter(run.through, this.cursor);
    if (moved) this.cursor = run.through;
    this.mustLook = this.mustLook && run.hasMore;
    return moved || !this.isBehind;
  }

  answered_again(run) {
    for (const entry of run.messages) {
      if (this.isHeld(entry.position) && this.isWithin(entry.position)) this.timeline.put(entry);
    }
    const before = this.again.size;
    for (const position of this.again) {
      if (!run.hasMore || !isAfter(position, run.through)) this.again.delete(position);
    }
    return this.again.size < before;
  }

  answered_older(run) {
    for (const entry of run.messages) this.timeline.put(entry);
    this.hasOlder = run.hasMore;
    const moved = run.through !== START && run.through !== this.oldest;
    if (run.through !== START) this.oldest = run.through;
    this.wantsOlder = this.hasOlder && run.messages.length === 0;
    return moved || !this.hasOlder;
  }
}

/**
 * A user's own messages to a chat until they are seen in it. One is under way at a time, so that
 * they reach the stream in their order. Sent once more, one is marked so: a try may have arrived.
 */
class Outbox {
  constructor(chatId, random, out) {
    this.chatId = chatId;
    this.out = out;
    this.backoff = new Backoff(RULES.sendPause, RULES.maxPause, 0.5, random);
    this.mine = new Map();
    this.underWay = null;
    this.notBefore = -NEVER;
  }

  add(id, text) {
    const unsent = [...this.mine.values()].filter((one) => !one.accepted).length;
    if (unsent >= RULES.maxUnsent) {
      throw new Error(`${RULES.maxUnsent} messages wait already: wait for the connection`);
    }
    this.mine.set(id, { id, text, wasSent: false, accepted: null, echoBy: NEVER });
    this.tell(id, 'QUEUED', null);
  }

  tell(clientMessageId, state, why) {
    this.out({ type: 'own', chatId: this.chatId, clientMessageId, state, why });
  }

  first() {
    for (const one of this.mine.values()) {
      if (!one.accepted) return one;
    }
    return null;
  }

  due() {
    return this.underWay === null && this.first() !== null ? this.notBefore : NEVER;
  }

  send() {
    const next = this.first();
    this.underWay = next;
    const frame = {
      action: 'sendMessage',
      chatId: this.chatId,
      clientMessageId: next.id,
      text: next.text,
    };
    if (next.wasSent) frame.resend = true;
    next.wasSent = true;
    return frame;
  }

  accepted(id, position, now) {
    const one = this.mine.get(id);
    if (!one) return; // it came back before its ack did
    this.done(one);
    if (!one.accepted) this.tell(id, 'ACCEPTED', null);
    one.accepted = position;
    one.echoBy = now + RULES.echoTimeout;
  }

  done(one) {
    if (one === this.underWay) {
      this.underWay = null;
      this.backoff.reset();
      this.notBefore = -NEVER;
    }
  }

  /** A message is in the chat: wherever it is, it is not to be sent again. */
  placed(id) {
    const one = this.mine.get(id);
    if (!one) return;
    this.mine.delete(id);
    this.done(one);
    this.tell(id, 'PLACED', null);
  }

  /** All up to a cursor is held: a copy that lies there was dropped for its original further back. */
  passed(cursor) {
    for (const one of [...this.mine.values()]) {
      if (one.accepted && !isAfter(one.accepted, cursor)) this.placed(one.id);
    }
  }

  overdue(now) {
    const overdue = [];
    for (const one of this.mine.values()) {
      if (one.accepted && now >= one.echoBy) {
        one.echoBy = NEVER;
        overdue.push(one.accepted);
      }
    }
    return overdue;
  }

  echoDue() {
    return Math.min(NEVER, ...[...this.mine.values()].map((one) => one.echoBy));
  }

  unanswered(now) {
    if (this.underWay !== null) {
      this.underWay = null;
      this.notBefore = now + this.backoff.next();
    }
  }

  failed(code, isFinal, now) {
    if (!isFinal) this.unanswered(now);
    else if (this.underWay !== null) this.refuse(this.underWay, code);
  }

  connected() {
    this.notBefore = -NEVER;
    this.backoff.reset();
  }

  disconnected() {
    this.underWay = null;
  }

  /** The server closed the connection for the size of a frame: this one is not to be sent again. */
  tooLarge() {
    if (this.underWay !== null) this.refuse(this.underWay, 'TOO_LARGE');
  }

  close(why) {
    for (const one of [...this.mine.values()]) {
      if (!one.accepted) this.refuse(one, why);
    }
  }

  refuse(one, why) {
    this.mine.delete(one.id);
    this.done(one);
    this.tell(one.id, 'REFUSED', why);
  }

  pending() {
    return [...this.mine.values()].map((one) => ({
      clientMessageId: one.id,
      text: one.text,
      isAccepted: one.accepted !== null,
    }));
  }
}

/** Whether this connection receives a chat, and when to ask for it. */
class Subscription {
  constructor(joins, random) {
    this.joins = joins; // whether membership is to be asked for too
    this.backoff = new Backoff(RULES.subscribePause, RULES.maxPause, 0.5, random);
    this.state = 'NONE';
    this.when = -NEVER;
  }

  /** When to ask, or to give up waiting for `joined`. */
  due() {
    return this.state === 'JOINED' ? NEVER : this.when;
  }

  isDue(now) {
    if (this.state === 'ASKED' && now >= this.when) this.failed(now);
    return this.state === 'NONE' && now >= this.when;
  }

  asked(now) {
    if (this.state !== 'NONE') return; // its `joined` may have overtaken the answer that says so
    this.state = 'ASKED';
    this.when = now + RULES.joinedTimeout;
  }

  /** The user is a member, whether or not this connection receives the chat. */
  admitted() {
    this.joins = false;
  }

  joined() {
    this.state = 'JOINED';
    this.admitted();
    this.backoff.reset();
  }

  failed(now) {
    this.state = 'NONE';
    this.when = now + this.backoff.next();
  }

  connected(now) {
    this.state = 'NONE';
    this.when = now;
    this.backoff.reset();
  }

  disconnected() {
    this.state = 'NONE';
  }
}

/** What a client holds of one chat. Read it; don't write it. */
class ChatView {
  constructor(chatId, me, joins, random, out) {
    this.chatId = chatId;
    this.me = me;
    this.out = out;
    this.title = null;
    this.timeline = new Timeline(chatId, (output) => this.tell(output));
    this.catchup = new Catchup(chatId, this.timeline, random);
    this.outbox = new Outbox(chatId, random, out);
    this.subscription = new Subscription(joins, random);
    this.told = 'LOADING';
    this.closedWhy = null;
  }

  /** What is to be seen, oldest first: an unbroken part of the chat, each message once. */
  shown() {
    return this.timeline.shown();
  }

  /** Own messages that aren't seen in the chat yet, in the order they were written. */
  pending() {
    return this.outbox.pending();
  }

  get cursor() {
    return this.catchup.cursor;
  }

  get hasOlder() {
    return this.catchup.hasOlder;
  }

  get isClosed() {
    return this.closedWhy !== null;
  }

  /** LOADING: nothing is held yet. BEHIND: more exists. CURRENT: all known is held. CLOSED. */
  get state() {
    if (this.isClosed) return 'CLOSED';
    if (!this.catchup.isLoaded) return 'LOADING';
    return this.catchup.isBehind ? 'BEHIND' : 'CURRENT';
  }

  /** Whether history and sends would be refused, since the user isn't a member yet. */
  get mustJoin() {
    return this.subscription.joins;
  }

  due() {
    if (this.mustJoin) return NEVER;
    return Math.min(this.catchup.due(), this.outbox.due(), this.outbox.echoDue());
  }

  tell(output) {
    this.out(output);
    if (output.type === 'shown' && output.entry.senderId === this.me && output.entry.clientMessageId) {
      this.outbox.placed(output.entry.clientMessageId);
    }
  }

  joined(frame) {
    this.subscription.joined();
    this.catchup.joined(frame.prev ?? null);
  }

  connected(now) {
    this.catchup.connected();
    this.outbox.connected();
    this.subscription.connected(now);
  }

  disconnected(wasTooLarge) {
    if (wasTooLarge) this.outbox.tooLarge();
    this.catchup.disconnected();
    this.outbox.disconnected();
    this.subscription.disconnected();
  }

  close(why) {
    if (this.isClosed) return;
    this.closedWhy = why;
    this.outbox.close(why);
  }

  settle(now) {
    for (const position of this.outbox.overdue(now)) this.catchup.reach(position);
    if (this.catchup.isLoaded) this.outbox.passed(this.catchup.cursor);
    if (this.state !== this.told) {
      this.told = this.state;
      this.out({ type: 'state', chatId: this.chatId, state: this.state, why: this.closedWhy });
    }
  }
}

/**
 * What keeps a connection useful: subscribes to the open chats, asks every five minutes and after a
 * reconnect which have more and what has become of placeholders, and connects anew before
 * subscriptions expire.
 */
class Upkeep {
  constructor(followsAllChats, random) {
    this.followsAllChats = followsAllChats;
    this.random = random;
    this.backoff = new Backoff(RULES.subscribePause, RULES.maxPause, 0.5, random);
    this.wasConnected = false;
    this.renewAt = NEVER;
  }

  connected(hasChats, now) {
    this.isSubscribing = false;
    this.mustSubscribeToAll = this.followsAllChats && !hasChats;
    this.subscribeAt = -NEVER;
    this.isInRound = false;
    this.isPartUnderWay = false;
    this.partAt = this.followsAllChats || this.wasConnected ? now : now + RULES.syncEvery;
    this.backoff.reset();
    this.connectedAt = now;
    this.renewBefore = RULES.renewBefore + Math.round(RULES.renewBefore * this.random());
    this.renewAt = NEVER;
    this.wasConnected = true;
  }

  expires(expiresAt) {
    const youngest = this.connectedAt + RULES.minLifetime;
    this.renewAt = Math.min(this.renewAt, Math.max(youngest, expiresAt - this.renewBefore));
  }

  due() {
    if (this.mustSubscribeToAll) {
      return this.isSubscribing ? this.renewAt : Math.min(this.renewAt, this.subscribeAt);
    }
    return this.isPartUnderWay ? this.renewAt : Math.min(this.renewAt, this.partAt);
  }

  subscriptionDue(view) {
    return this.isSubscribing ? NEVER : Math.max(view.subscription.due(), this.subscribeAt);
  }

  ask(views, now) {
    const open = views.filter((view) => !view.isClosed);
    const asks = this.subscribe(open, now);
    if (!this.mustSubscribeToAll && !this.isPartUnderWay && now >= this.partAt) {
      if (!this.isInRound) this.beginRound(open);
      this.isPartUnderWay = true;
      asks.push(this.nextPart(open));
    }
    return asks;
  }

  beginRound(open) {
    this.isInRound = true;
    this.listAfter = null;
    this.toSync = new Set();
    for (const view of open) {
      view.catchup.lookAgain();
      if (!this.followsAllChats && view.catchup.isLoaded) this.toSync.add(view.chatId);
    }
  }

  subscribe(open, now) {
    if (this.isSubscribing || now < this.subscribeAt) return [];
    if (this.mustSubscribeToAll) {
      this.isSubscribing = true;
      return [{ action: 'subscribe', all: true }];
    }
    const asks = [];
    const chatIds = [];
    for (const view of open) {
      if (!view.subscription.isDue(now)) continue;
      if (view.subscription.joins) {
        view.subscription.asked(now);
        asks.push({ action: 'join', chatId: view.chatId });
      } else if (chatIds.length < RULES.maxSubscribe) {
        view.subscription.asked(now);
        chatIds.push(view.chatId);
      }
    }
    if (chatIds.length > 0) {
      this.isSubscribing = true;
      asks.push({ action: 'subscribe', chatIds });
    }
    return asks;
  }

  /** A page of the user's chats or, for a client that follows some, of their cursors. */
  nextPart(open) {
    if (this.followsAllChats) {
      const after = this.listAfter === null ? {} : { after: this.listAfter };
      return { action: 'chats', ...after, limit: RULES.maxLimit };
    }
    const cursors = {};
    let count = 0;
    for (const view of open) {
      if (count < RULES.maxSync && this.toSync.delete(view.chatId)) {
        cursors[view.chatId] = view.cursor;
        count++;
      }
    }
    return count === 0 ? { action: 'chats', limit: 1 } : { action: 'sync', cursors };
  }

  subscribed() {
    this.isSubscribing = false;
    this.mustSubscribeToAll = false;
    this.backoff.reset();
  }

  listed(page, now) {
    const hasMore = this.followsAllChats && page.hasMore && page.chats.length > 0;
    this.endOfPart(hasMore, now);
    this.listAfter = hasMore ? page.chats.at(-1).chatId : null;
  }

  synced(now) {
    this.endOfPart(this.toSync.size > 0, now);
  }

  endOfPart(hasMore, now) {
    this.backoff.reset();
    this.isPartUnderWay = false;
    this.isInRound = hasMore;
    this.partAt = hasMore ? now : now + RULES.syncEvery;
  }

  failed(frame, now) {
    if (frame.action === 'subscribe') {
      this.isSubscribing = false;
      this.subscribeAt = now + this.backoff.next();
    } else if (frame.action !== 'join') {
      this.isPartUnderWay = false;
      this.isInRound = false;
      this.partAt = now + this.backoff.next();
    }
  }
}

/**
 * The client rules. Every method takes the time in milliseconds, which must not go back, and gives
 * outputs, in order:
 *
 * - `{type: 'send', frame}`, `{type: 'connect'}`, `{type: 'close'}`: to be done; answer the last two
 *   with `connected` or `disconnected`
 * - `{type: 'shown', chatId, entry}`, `{type: 'hidden', chatId, position}`: what is to be seen
 * - `{type: 'state', chatId, state, why}`: of a chat's view
 * - `{type: 'own', chatId, clientMessageId, state, why}`: QUEUED, ACCEPTED, PLACED or REFUSED
 * - `{type: 'answered', requestId, frame}`, `{type: 'unanswered', requestId}`: of `request`
 *
 * Call `tick` at `nextTick()` at the latest.
 */
export class Core {
  constructor({ me, followsAllChats = false, random = Math.random, newId }) {
    this.me = me;
    this.followsAllChats = followsAllChats;
    this.random = random;
    this.newId = newId;
    this.backoff = new Backoff(RULES.connectPause, RULES.maxPause, 1, random);
    this.chats = new Map();
    this.waiting = new Map(); // request id -> {requestId, frame, purpose, view, deadline}
    this.count = 0;
    this.upkeep = new Upkeep(followsAllChats, random);
    this.outputs = [];
    this.link = 'DOWN';
    this.connectAt = -NEVER;
    this.isStopped = false;
  }

  views() {
    return [...this.chats.values()];
  }

  view(chatId) {
    return this.chats.get(chatId) ?? null;
  }

  /** Opens a chat that the user is a member of. */
  open(chatId, now) {
    this.openView(chatId, false);
    return this.settle(now);
  }

  /** As `open`, for an open chat that the user need not be a member of. */
  join(chatId, now) {
    this.openView(chatId, true);
    return this.settle(now);
  }

  openView(chatId, joins) {
    const known = this.chats.get(chatId);
    if (known && !known.isClosed) return known;
    if (!known && this.chats.size >= RULES.maxChats) {
      throw new Error(`${RULES.maxChats} chats are open already`);
    }
    const out = (output) => this.outputs.push(output);
    const view = new ChatView(chatId, this.me, joins, this.random, out);
    this.chats.set(chatId, view);
    out({ type: 'state', chatId, state: 'LOADING', why: null });
    return view;
  }

  /** Posts text to an open chat, now or when there is a connection; throws where it can't be sent. */
  send(chatId, text, now) {
    const view = this.opened(chatId);
    if (!view) throw new Error('open the chat first');
    checkText(text);
    const id = this.newId();
    checkSize({
      action: 'sendMessage',
      requestId: 'r'.repeat(64),
      chatId,
      clientMessageId: id,
      text,
      resend: true,
    });
    view.outbox.add(id, text);
    return this.settle(now);
  }

  /** Asks for a page of what is before the oldest entry held of a chat. */
  older(chatId, now) {
    this.opened(chatId)?.catchup.older();
    return this.settle(now);
  }

  /** Asks the server for something that is no part of a view. Sent once. */
  request(frame, now) {
    const requestId = this.nextId();
    const made = { action: frame.action, requestId, ...frame };
    checkSize(made);
    if (this.link === 'UP') this.ask(made, 'CALLER', null, now, requestId);
    else this.outputs.push({ type: 'unanswered', requestId });
    return this.settle(now);
  }

  connected(now) {
    this.link = 'UP';
    this.upkeep.connected(this.chats.size > 0, now);
    for (const view of this.chats.values()) view.connected(now);
    return this.settle(now);
  }

  disconnected(code, now) {
    this.link = 'DOWN';
    this.connectAt = now + this.backoff.next();
    for (const asked of this.waiting.values()) {
      if (asked.purpose === 'CALLER') {
        this.outputs.push({ type: 'unanswered', requestId: asked.requestId });
      }
    }
    this.waiting.clear();
    for (const view of this.chats.values()) view.disconnected(code === TOO_LARGE);
    return this.settle(now);
  }

  stop(now) {
    this.isStopped = true;
    this.close();
    return this.settle(now);
  }

  /** When `tick` is to be called at the latest; Infinity for never. */
  nextTick() {
    if (this.isStopped || this.link === 'CONNECTING' || this.link === 'CLOSING') return NEVER;
    if (this.link === 'DOWN') return this.connectAt;
    let next = this.upkeep.due();
    for (const asked of this.waiting.values()) next = Math.min(next, asked.deadline);
    for (const view of this.chats.values()) {
      if (!view.isClosed) next = Math.min(next, view.due(), this.upkeep.subscriptionDue(view));
    }
    return next;
  }

  tick(now) {
    for (const late of [...this.waiting.values()]) {
      if (now < late.deadline) continue;
      this.waiting.delete(late.requestId);
      if (late.purpose === 'CALLER') {
        this.outputs.push({ type: 'unanswered', requestId: late.requestId });
      } else if (late.purpose === 'VIEW') {
        this.viewFailed(late, 'UNAVAILABLE', false, now);
      } else {
        this.upkeepFailed(late.frame, 'UNAVAILABLE', false, now);
        if (late.frame.action === 'sync' || late.frame.action === 'chats') this.close(); // nobody there
      }
    }
    return this.settle(now);
  }

  received(frame, now) {
    if (frame.type !== 'error') this.backoff.reset();
    switch (frame.type) {
      case 'messages':
        this.opened(frame.chatId)?.catchup.live(frame, now);
        break;
      case 'joined':
        this.joined(frame);
        break;
      case 'repaired':
        this.opened(frame.chatId)?.catchup.repaired(frame.position);
        break;
      case 'unsubscribed':
        this.opened(frame.chatId)?.close(frame.reason);
        break;
      case 'sent':
        this.waiting.delete(frame.requestId);
        this.opened(frame.chatId)?.outbox.accepted(frame.clientMessageId, frame.position, now);
        break;
      case 'error':
        this.failed(frame, now);
        break;
      default:
        this.answered(frame, now);
        if (frame.type === 'left') this.opened(frame.chatId)?.close('left');
    }
    return this.settle(now);
  }

  opened(chatId) {
    const view = this.chats.get(chatId);
    return view && !view.isClosed ? view : null;
  }

  joined(frame) {
    if (this.waiting.get(frame.requestId)?.frame.action === 'join') this.waiting.delete(frame.requestId);
    const view = this.followsAllChats ? this.openView(frame.chatId, false) : this.opened(frame.chatId);
    if (!view) return;
    view.joined(frame);
    this.upkeep.expires(Date.parse(frame.expiresAt));
  }

  answered(frame, now) {
    const asked = this.waiting.get(frame.requestId);
    if (!asked) return; // it was given up, or belongs to a connection before
    this.waiting.delete(frame.requestId);
    if (asked.purpose === 'CALLER') {
      this.outputs.push({ type: 'answered', requestId: asked.requestId, frame });
    } else if (asked.purpose === 'UPKEEP') {
      this.keptUp(frame, now);
    } else if (!asked.view.isClosed && frame.type === 'history') {
      asked.view.catchup.answered(frame, now);
    }
  }

  keptUp(frame, now) {
    if (frame.type === 'subscribed') {
      this.upkeep.subscribed();
      for (const chatId of frame.chatIds) {
        if (this.followsAllChats) this.openView(chatId, false).subscription.asked(now);
      }
      for (const { chatId, code, retryable } of frame.failed) {
        this.notSubscribed(chatId, code, !retryable, now);
      }
    } else if (frame.type === 'chats') {
      this.upkeep.listed(frame, now);
      for (const chat of frame.chats) {
        if (!this.followsAllChats) break;
        const view = this.openView(chat.chatId, false);
        view.title = chat.title ?? null;
        view.catchup.reach(chat.newest);
      }
    } else if (frame.type === 'synced') {
      this.upkeep.synced(now);
      for (const { chatId, newest } of frame.chats) this.opened(chatId)?.catchup.reach(newest);
    }
  }

  failed(frame, now) {
    if (frame.code === 'TOKEN_EXPIRED') this.close();
    const isFinal = !frame.retryable && frame.code !== 'TOKEN_EXPIRED';
    const asked = this.waiting.get(frame.requestId);
    if (!asked || (asked.frame.action === 'subscribe' && frame.chatId)) {
      if (frame.chatId) this.notSubscribed(frame.chatId, frame.code, isFinal, now); // fan-out refuses
      return;
    }
    this.waiting.delete(frame.requestId);
    if (asked.purpose === 'CALLER') {
      this.outputs.push({ type: 'answered', requestId: asked.requestId, frame });
    } else if (asked.purpose === 'VIEW') {
      this.viewFailed(asked, frame.code, isFinal, now);
    } else {
      this.upkeepFailed(asked.frame, frame.code, isFinal, now);
    }
  }

  viewFailed(asked, code, isFinal, now) {
    const view = asked.view;
    if (view.isClosed) return;
    if (asked.frame.action === 'sendMessage') view.outbox.failed(code, isFinal, now);
    else if (isFinal) view.close(code);
    else view.catchup.failed(now);
  }

  upkeepFailed(frame, code, isFinal, now) {
    this.upkeep.failed(frame, now);
    if (frame.action === 'join') this.notSubscribed(frame.chatId, code, isFinal, now);
    if (frame.action === 'subscribe') {
      for (const chatId of frame.chatIds ?? []) this.notSubscribed(chatId, code, false, now);
    }
  }

  notSubscribed(chatId, code, isFinal, now) {
    const view = this.opened(chatId);
    if (!view) return;
    if (isFinal) {
      view.close(code);
      return;
    }
    // Only members are told: history and sends work.
    if (code === 'CHAT_FULL') view.subscription.admitted();
    view.subscription.failed(now);
  }

  nextId() {
    return String(++this.count);
  }

  ask(frame, purpose, view, now, requestId = this.nextId()) {
    const { action, ...fields } = frame;
    const made = { action, requestId, ...fields };
    const deadline = now + RULES.replyTimeout;
    this.waiting.set(requestId, { requestId, frame: made, purpose, view, deadline });
    this.outputs.push({ type: 'send', frame: made });
  }

  close() {
    if (this.link === 'UP' || this.link === 'CONNECTING') {
      this.link = 'CLOSING';
      this.outputs.push({ type: 'close' });
    }
  }

  /** Ends an input: does all that is due. */
  settle(now) {
    if (!this.isStopped && this.link === 'DOWN' && now >= this.connectAt) {
      this.link = 'CONNECTING';
      this.outputs.push({ type: 'connect' });
    }
    if (this.link === 'UP' && now >= this.upkeep.renewAt) {
      this.backoff.reset();
      this.close();
    }
    if (this.link === 'UP') {
      for (const frame of this.upkeep.ask(this.views(), now)) this.ask(frame, 'UPKEEP', null, now);
    }
    for (const view of this.chats.values()) {
      view.settle(now);
      if (this.link !== 'UP' || view.isClosed || view.mustJoin) continue;
      if (now >= view.outbox.due()) this.ask(view.outbox.send(), 'VIEW', view, now);
      if (now >= view.catchup.due()) this.ask(view.catchup.ask(), 'VIEW', view, now);
    }
    const done = this.outputs;
    this.outputs = [];
    return done;
  }
}

function utf8Bytes(text) {
  return new TextEncoder().encode(text).length;
}

function checkText(text) {
  if (text.length === 0) throw new Error('write something first');
  if (!text.isWellFormed()) throw new Error('the text has half a character in it');
  for (const c of text) {
    const code = c.codePointAt(0);
    if ((code < 0x20 && c !== '\n' && c !== '\t') || (code >= 0x7f && code < 0xa0)) {
      throw new Error('the text has a control character in it');
    }
  }
  const bytes = utf8Bytes(text);
  if (bytes > RULES.maxTextBytes) {
    throw new Error(`too long: ${bytes} bytes, and ${RULES.maxTextBytes} are allowed`);
  }
}

function checkSize(frame) {
  const bytes = utf8Bytes(JSON.stringify(frame));
  if (bytes > RULES.maxFrameBytes) {
    throw new Error(`too long: encoded, ${bytes} bytes, and ${RULES.maxFrameBytes} are allowed`);
  }
}

/** A new clientMessageId: 128 random bits. */
export function newMessageId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * `Core` on a WebSocket: connects, reconnects, keeps every rule.
 *
 * - `webSocketUrl`: without the token
 * - `token`: an async function that gives a fresh token, called before each connection
 * - `onOutput`: called with every output of the core but send, connect and close
 * - `onLink`: called with 'connecting', 'up' or 'down', and for 'down' the time of the next try
 */
export class Client {
  constructor({ me, webSocketUrl, token, followsAllChats = true, onOutput, onLink = () => {} }) {
    this.core = new Core({ me, followsAllChats, newId: newMessageId });
    Object.assign(this, { webSocketUrl, token, onOutput, onLink });
    this.socket = null;
    this.timer = null;
    this.time = 0;
    this.act(this.core.tick(this.now()));
  }

  /** The core's time must not go back, a machine's clock may. */
  now() {
    this.time = Math.max(this.time, Date.now());
    return this.time;
  }

  view(chatId) {
    return this.core.view(chatId);
  }

  views() {
    return this.core.views();
  }

  open(chatId) {
    this.act(this.core.open(chatId, this.now()));
  }

  join(chatId) {
    this.act(this.core.join(chatId, this.now()));
  }

  older(chatId) {
    this.act(this.core.older(chatId, this.now()));
  }

  /** Posts text; throws an Error with a message for the user where it can't be sent. */
  send(chatId, text) {
    this.act(this.core.send(chatId, text, this.now()));
  }

  /** Asks for what is no part of a view; gives the id that the output answered or unanswered has. */
  request(frame) {
    const outputs = this.core.request(frame, this.now());
    const own = outputs.find((one) => one.type === 'unanswered' || one.frame?.action === frame.action);
    queueMicrotask(() => this.act(outputs)); // the caller learns the id first
    return own.requestId ?? own.frame.requestId;
  }

  stop() {
    this.act(this.core.stop(this.now()));
  }

  act(outputs) {
    for (const output of outputs) {
      if (output.type === 'send') {
        if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(output.frame));
      } else if (output.type === 'connect') this.connect();
      else if (output.type === 'close') this.socket?.close(1000);
      else this.onOutput(output);
    }
    clearTimeout(this.timer);
    const next = this.core.nextTick();
    if (next === NEVER) return;
    const pause = Math.min(Math.max(0, next - this.now()), 2 ** 31 - 1);
    this.timer = setTimeout(() => this.act(this.core.tick(this.now())), pause);
  }

  async connect() {
    this.onLink('connecting');
    let socket;
    try {
      const token = await this.token();
      socket = new WebSocket(`${this.webSocketUrl}?token=${encodeURIComponent(token)}`);
    } catch {
      this.disconnected(1006);
      return;
    }
    this.socket = socket;
    socket.onopen = () => {
      this.onLink('up');
      this.act(this.core.connected(this.now()));
    };
    socket.onmessage = ({ data }) => this.received(data);
    socket.onclose = ({ code }) => this.disconnected(code);
  }

  received(data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return; // not of the protocol; what it answers is then unanswered
    }
    this.act(this.core.received(frame, this.now()));
  }

  disconnected(code) {
    this.socket = null;
    const outputs = this.core.disconnected(code, this.now());
    this.onLink('down', this.core.connectAt);
    this.act(outputs);
  }
}
