// Who is in the open chat, beside it.
import { $, avatar, el, explain, toast } from './ui.js';

const PAGE = 100;
const MAX_PAGES = 50; // of a panel that a person reads

export class Members {
  constructor(session) {
    this.session = session;
    this.chatId = null;
    this.members = [];
    $('#show-members').onclick = () => this.toggle();
    $('#hide-members').onclick = () => this.hide();
    $('#leave').onclick = () => session.leave(this.chatId);
    $('#add-member').onsubmit = (event) => {
      event.preventDefault();
      this.change('addMember', $('#member-name').value);
      $('#member-name').value = '';
    };
  }

  /** A chat was opened: its members' names are shown beside their messages. */
  opened(chatId) {
    this.chatId = chatId;
    this.members = [];
    this.draw();
    this.load(chatId, null, 1);
  }

  toggle() {
    if ($('#members').hidden) this.show();
    else this.hide();
  }

  show() {
    $('#members').hidden = false;
    $('#show-members').setAttribute('aria-expanded', 'true');
    this.opened(this.chatId);
    $('#hide-members').focus();
  }

  hide() {
    $('#members').hidden = true;
    $('#show-members').setAttribute('aria-expanded', 'false');
  }

  load(chatId, after, page) {
    const frame = { action: 'members', chatId, limit: PAGE };
    if (after) frame.after = after;
    this.session.ask(frame, (answer) => {
      if (chatId !== this.chatId || answer?.type !== 'members') return; // a join may be under way
      if (!after) this.members = [];
      this.members.push(...answer.members);
      for (const { userId, name } of answer.members) if (name) this.session.names.set(userId, name);
      if (answer.hasMore && page < MAX_PAGES) this.load(chatId, answer.members.at(-1).userId, page + 1);
      this.draw();
      this.session.draw();
    });
  }

  change(action, userId) {
    const chatId = this.chatId;
    this.session.ask({ action, chatId, userId }, (answer) => {
      if (!answer) toast('No answer. Try again.');
      else if (answer.type === 'error') toast(explain(answer.code));
      else this.load(chatId, null, 1);
    });
  }

  draw() {
    const { me } = this.session;
    const isOwner = this.members.some((one) => one.userId === me && one.role === 'owner');
    $('#add-member').hidden = !isOwner;
    $('#member-list').replaceChildren(...this.members.map((one) => this.row(one, isOwner)));
  }

  row({ userId, role, name }, isOwner) {
    const isMe = userId === this.session.me;
    const remove = el(
      'button',
      { type: 'button', class: 'link', 'aria-label': `Remove ${name || userId}`, onclick: () => this.change('removeMember', userId) },
      'Remove',
    );
    return el(
      'li',
      {},
      avatar(userId, name),
      el('span', { class: 'title', title: userId }, `${name || userId}${isMe ? ' (you)' : ''}`),
      role === 'owner' ? el('span', { class: 'role' }, 'owner') : null,
      isOwner && !isMe ? remove : null,
    );
  }
}
