// Small helpers to build the page. Text goes in as text, never as HTML.

/** An element: `el('p', {class: 'note', onclick: f}, 'text', child)`. */
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export const $ = (selector) => document.querySelector(selector);

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

export const timeOf = (sentAt) => TIME.format(new Date(sentAt));

export function dayOf(sentAt) {
  const day = new Date(sentAt).toDateString();
  if (day === new Date().toDateString()) return 'Today';
  if (day === new Date(Date.now() - 86_400_000).toDateString()) return 'Yesterday';
  return DAY.format(new Date(sentAt));
}

/** A circle with someone's initial, always in the same of eight colours. */
export function avatar(userId, name) {
  let hash = 0;
  for (const c of userId) hash = (hash * 31 + c.codePointAt(0)) % 9973;
  const initial = [...(name || userId)][0].toUpperCase();
  return el('span', { class: `avatar hue-${hash % 8}`, 'aria-hidden': 'true' }, initial);
}

/** Says something at the edge of the page, for a while. */
export function toast(text, kind = 'error') {
  const note = el('p', { class: `toast ${kind}` }, text);
  note.append(el('button', { type: 'button', 'aria-label': 'Dismiss', onclick: () => note.remove() }, '×'));
  $('#toasts').append(note);
  setTimeout(() => note.remove(), 8_000);
}

/** What an error code means to the person at the page. */
export function explain(code) {
  const known = {
    CHAT_NOT_FOUND: 'There is no such chat, or it is not open to you.',
    CHAT_EXISTS: 'Someone else has a chat of this name. Choose another.',
    NOT_OWNER: 'Only an owner of the chat may do this.',
    MEMBER_NOT_FOUND: 'This user is not a member of the chat.',
    LAST_OWNER: 'You are the last owner: remove the other members before you leave.',
    CHAT_FULL: 'The chat is full. It will be tried again.',
    RATE_LIMITED: 'That was too fast. Wait a moment.',
    UNAVAILABLE: 'Confab cannot do this right now. Try again.',
    INTERNAL: 'Something went wrong. Try again.',
    INVALID_FIELD: 'Confab does not take this.',
    TOO_LARGE: 'The message was too large to be sent.',
    removed: 'You were removed from this chat.',
    left: 'You have left this chat.',
  };
  return known[code] ?? code;
}
