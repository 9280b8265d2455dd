// The messages of one chat, kept in step with the client's view of it.
import { avatar, dayOf, el, explain, timeOf } from './ui.js';

const GROUP_MILLIS = 5 * 60_000;
const NEAR_BOTTOM = 80; // pixels
const NEAR_TOP = 40;

/** Draws a view into a scrolling list; elements are kept by position and only what changed moves. */
export class MessageList {
  constructor({ scroller, list, olderButton, newButton, onOlder, onRetry }) {
    Object.assign(this, { scroller, list, olderButton, newButton, onOlder, onRetry });
    this.view = null;
    this.names = new Map();
    this.refused = [];
    this.items = new Map(); // key -> {element, signature}
    this.sticks = true; // to the bottom, as long as one reads there
    this.newest = null; // position
    olderButton.addEventListener('click', () => this.older());
    newButton.addEventListener('click', () => this.toBottom());
    scroller.addEventListener('scroll', () => this.scrolled(), { passive: true });
  }

  /** Shows another chat. */
  show(view, names, refused) {
    this.view = view;
    this.names = names;
    this.refused = refused;
    this.items.clear();
    this.list.replaceChildren();
    this.sticks = true;
    this.newest = null;
    this.draw();
  }

  get isAtBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM;
  }

  toBottom() {
    this.sticks = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.newButton.hidden = true;
  }

  scrolled() {
    if (this.scroller.clientHeight === 0) return; // not on the page
    this.sticks = this.isAtBottom;
    if (this.sticks) this.newButton.hidden = true;
    if (this.scroller.scrollTop < NEAR_TOP && !this.sticks) this.older();
  }

  older() {
    if (this.view?.hasOlder) this.onOlder(this.view.chatId);
  }

  /** Brings the list in step. Who reads at the bottom stays there; who reads above is not moved. */
  draw() {
    if (!this.view) return;
    const anchor = this.sticks ? null : this.anchor();
    const before = this.newest;
    this.newest = this.view.shown().at(-1)?.position ?? null;
    this.place(this.rows());
    this.olderButton.hidden = !this.view.hasOlder;
    if (this.sticks) this.toBottom();
    else {
      this.restore(anchor);
      if (before !== this.newest) this.newButton.hidden = false;
    }
  }

  /** The first row in sight, and where it is. */
  anchor() {
    const top = this.scroller.getBoundingClientRect().top;
    for (const row of this.list.children) {
      if (row.classList.contains('day')) continue; // it goes up when older ones come
      const box = row.getBoundingClientRect();
      if (box.bottom > top) return { row, offset: box.top - top };
    }
    return null;
  }

  restore(anchor) {
    if (!anchor?.row.isConnected) return;
    const top = this.scroller.getBoundingClientRect().top;
    this.scroller.scrollTop += anchor.row.getBoundingClientRect().top - top - anchor.offset;
  }

  /** What is to be seen: days, messages and placeholders, then own messages that wait. */
  rows() {
    const rows = [];
    let before = null;
    for (const entry of this.view.shown()) {
      if (entry.parked) {
        rows.push({ key: entry.position, kind: 'parked', entry });
        before = null;
        continue;
      }
      const day = dayOf(entry.sentAt);
      const isNewDay = !before || day !== before.day;
      if (isNewDay && rows.at(-1)?.day !== day) rows.push({ key: `day ${day}`, kind: 'day', day });
      const isFirst =
        isNewDay ||
        before.senderId !== entry.senderId ||
        Date.parse(entry.sentAt) - before.time > GROUP_MILLIS;
      rows.push({ key: entry.position, kind: 'message', entry, isFirst, day });
      before = { senderId: entry.senderId, time: Date.parse(entry.sentAt), day };
    }
    for (const one of this.view.pending()) rows.push({ key: one.clientMessageId, kind: 'pending', one });
    for (const one of this.refused) rows.push({ key: one.clientMessageId, kind: 'refused', one });
    return rows;
  }

  place(rows) {
    const keys = new Set(rows.map((row) => row.key));
    for (const [key, { element }] of this.items) {
      if (keys.has(key)) continue;
      element.remove();
      this.items.delete(key);
    }
    let next = this.list.firstElementChild;
    for (const row of rows) {
      const before = this.items.get(row.key)?.element;
      const element = this.element(row);
      if (before === next && next) next = next.nextElementSibling;
      if (before !== element) before?.remove();
      if (element.nextElementSibling !== next || !element.isConnected) this.list.insertBefore(element, next);
    }
  }

  element(row) {
    const signature = this.signature(row);
    const known = this.items.get(row.key);
    if (known?.signature === signature) return known.element;
    const element = this.make(row);
    this.items.set(row.key, { element, signature });
    return element;
  }

  signature(row) {
    const { kind, isFirst, entry, one } = row;
    return `${kind} ${isFirst} ${entry && this.names.get(entry.senderId)} ${one?.isAccepted} ${one?.why}`;
  }

  make({ kind, entry, isFirst, day, one }) {
    switch (kind) {
      case 'day':
        return el('li', { class: 'day' }, el('span', {}, day));
      case 'message':
        return this.message(entry, isFirst);
      case 'parked':
        return el('li', { class: 'parked' }, this.parkedText(entry));
      case 'pending':
        return el(
          'li',
          { class: 'message own pending' },
          el('p', { class: 'text' }, one.text),
          el('span', { class: 'note' }, one.isAccepted ? 'Sent' : 'Sending…'),
        );
      default:
        return this.refusedRow(one);
    }
  }

  message(entry, isFirst) {
    const isOwn = entry.senderId === this.view.me;
    const name = this.names.get(entry.senderId) || entry.senderId;
    const time = el('time', { datetime: entry.sentAt }, timeOf(entry.sentAt));
    return el(
      'li',
      { class: `message${isOwn ? ' own' : ''}${isFirst ? ' first' : ''}` },
      isFirst && !isOwn ? avatar(entry.senderId, name) : null,
      isFirst ? el('span', { class: 'who' }, isOwn ? 'You' : name) : null,
      el('p', { class: 'text' }, entry.text),
      time,
    );
  }

  parkedText(entry) {
    const name = this.names.get(entry.senderId) || entry.senderId;
    return name
      ? `A message from ${name} could not be stored yet. It appears here once it is recovered.`
      : 'A message could not be stored yet. It appears here once it is recovered.';
  }

  refusedRow(one) {
    const button = (label, act) =>
      el('button', { type: 'button', class: 'link', onclick: () => act(one) }, label);
    return el(
      'li',
      { class: 'message own refused' },
      el('p', { class: 'text' }, one.text),
      el('span', { class: 'note' }, `Not sent: ${explain(one.why)} `),
      button('Edit', (refused) => this.onRetry(refused)),
    );
  }
}
