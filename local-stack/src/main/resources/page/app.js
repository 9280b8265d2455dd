// The page: who one is, which chats there are, and the one that is open.
import { Client } from './confab.js';
import { Members } from './members.js';
import { MessageList } from './messages.js';
import { $, avatar, el, explain, toast } from './ui.js';

const NAME = 'confab-name'; // in sessionStorage: two windows are two people

/** A token of the local stack for a name. */
async function tokenFor(name) {
  const response = await fetch('token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.message ?? `no token for this name (${response.status})`);
  return answer.token;
}

/** Who a token is for: what others see as senderId. */
function subjectOf(token) {
  const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
  return JSON.parse(atob(payload)).sub;
}

/** One person's stay on the page. */
class Session {
  constructor({ name, me, firstToken, webSocketUrl }) {
    this.me = me;
    this.active = null; // chatId
    this.titles = new Map();
    this.names = new Map([[me, name]]);
    this.unread = new Map();
    this.refused = new Map(); // chatId -> own messages that were not taken
    this.texts = new Map(); // clientMessageId -> {chatId, text} of own messages under way
    this.drafts = new Map();
    this.waiting = new Map(); // request id -> what to do with its answer
    this.loaded = new Set(); // chats whose first page has come: what comes then is news
    this.mustDraw = false;
    this.list = new MessageList({
      scroller: $('#scroller'),
      list: $('#messages'),
      olderButton: $('#older'),
      newButton: $('#new-below'),
      onOlder: (chatId) => this.client.older(chatId),
      onRetry: (refused) => this.edit(refused),
    });
    this.members = new Members(this);
    let unused = firstToken;
    this.client = new Client({
      me,
      webSocketUrl,
      token: async () => {
        const token = unused ?? (await tokenFor(name));
        unused = null;
        return token;
      },
      onOutput: (output) => this.told(output),
      onLink: (state, nextTry) => this.link(state, nextTry),
    });
    this.draw();
  }

  /** Asks for something; `done` gets the answer, or null where none came. */
  ask(frame, done) {
    this.waiting.set(this.client.request(frame), done);
  }

  answered(requestId, frame) {
    const done = this.waiting.get(requestId);
    this.waiting.delete(requestId);
    done?.(frame);
  }

  told(output) {
    switch (output.type) {
      case 'answered':
        this.answered(output.requestId, output.frame);
        break;
      case 'unanswered':
        this.answered(output.requestId, null);
        break;
      case 'own':
        this.own(output);
        break;
      case 'shown':
        this.arrived(output);
        break;
      case 'state':
        if (output.state === 'LOADING') this.loaded.delete(output.chatId);
        else this.loaded.add(output.chatId);
        if (output.state === 'CLOSED' && output.why !== 'left') {
          toast(`${this.titleOf(output.chatId)}: ${explain(output.why)}`);
        }
        break;
      default:
    }
    this.draw();
  }

  arrived({ chatId, entry }) {
    const isSeen = chatId === this.active && !document.hidden;
    if (!isSeen && this.loaded.has(chatId) && !entry.parked && entry.senderId !== this.me) {
      this.unread.set(chatId, (this.unread.get(chatId) ?? 0) + 1);
    }
  }

  own({ chatId, clientMessageId, state, why }) {
    const mine = this.client?.view(chatId)?.pending().find((one) => one.clientMessageId === clientMessageId);
    if (state === 'QUEUED' && mine) this.texts.set(clientMessageId, mine.text);
    if (state === 'REFUSED') {
      const refused = { chatId, clientMessageId, text: this.texts.get(clientMessageId) ?? '', why };
      this.refused.set(chatId, [...(this.refused.get(chatId) ?? []), refused]);
      if (chatId === this.active) this.list.refused = this.refused.get(chatId);
    }
    if (state === 'REFUSED' || state === 'PLACED') this.texts.delete(clientMessageId);
  }

  edit(refused) {
    const left = (this.refused.get(refused.chatId) ?? []).filter((one) => one !== refused);
    this.refused.set(refused.chatId, left);
    this.list.refused = left;
    $('#text').value = refused.text;
    $('#text').focus();
    resize();
    this.draw();
  }

  titleOf(chatId) {
    return this.client?.view(chatId)?.title ?? this.titles.get(chatId) ?? chatId;
  }

  activate(chatId) {
    if (this.active) this.drafts.set(this.active, $('#text').value);
    this.active = chatId;
    this.unread.delete(chatId);
    say('#composer-error', null);
    $('#text').value = this.drafts.get(chatId) ?? '';
    resize();
    this.list.show(this.client.view(chatId), this.names, this.refused.get(chatId) ?? []);
    this.members.opened(chatId);
    this.draw();
    if (window.matchMedia('(min-width: 48rem)').matches) $('#text').focus();
  }

  send(text) {
    this.client.send(this.active, text);
    this.drafts.delete(this.active);
    this.list.toBottom();
  }

  join(chatId) {
    this.client.join(chatId);
    this.activate(chatId);
  }

  create(chatId, title, access, failed) {
    const frame = { action: 'createChat', chatId, access };
    if (title) frame.title = title;
    this.ask(frame, (answer) => {
      if (answer?.type === 'chatCreated') {
        this.titles.set(chatId, title || null);
        $('#dialog').close();
        this.join(chatId);
      } else failed(answer ? explain(answer.code) : 'No answer. Are you connected? Try again.');
    });
  }

  leave(chatId) {
    this.ask({ action: 'leave', chatId }, (answer) => {
      if (answer?.type !== 'left') toast(answer ? explain(answer.code) : 'No answer. Try again.');
      else if (this.active === chatId) {
        this.active = null;
        this.members.hide();
        this.draw();
      }
    });
  }

  link(state, nextTry) {
    clearInterval(this.countdown);
    this.linkState = state;
    const say = (text) => {
      $('#link').textContent = text;
      $('#link').className = `pill ${state}`;
    };
    if (state === 'up') say('Connected');
    else if (state === 'connecting') say('Connecting…');
    else {
      const seconds = () => Math.max(0, Math.ceil((nextTry - Date.now()) / 1000));
      say(`Offline, retrying in ${seconds()} s`);
      this.countdown = setInterval(() => say(`Offline, retrying in ${seconds()} s`), 1000);
    }
  }

  /** Draws soon; many changes at once are drawn once. */
  draw() {
    if (this.mustDraw) return;
    this.mustDraw = true;
    const now = () => {
      this.mustDraw = false;
      this.drawChats();
      this.drawChat();
    };
    if (document.hidden) setTimeout(now, 100);
    else requestAnimationFrame(now);
  }

  openViews() {
    return this.client.views().filter((view) => view.closedWhy !== 'left');
  }

  drawChats() {
    const views = this.openViews();
    views.sort((a, b) => this.titleOf(a.chatId).localeCompare(this.titleOf(b.chatId)));
    $('#no-chats').hidden = views.length > 0;
    $('#chats').replaceChildren(...views.map((view) => this.chatRow(view)));
    const unread = [...this.unread.values()].reduce((sum, one) => sum + one, 0);
    document.title = unread > 0 ? `(${unread}) Confab` : 'Confab';
  }

  chatRow(view) {
    const { chatId } = view;
    const last = view.shown().at(-1);
    const who = last && (last.senderId === this.me ? 'You' : this.names.get(last.senderId) || last.senderId);
    const preview = last && !last.parked ? `${who}: ${last.text}` : view.state === 'LOADING' ? 'Loading…' : '';
    const unread = this.unread.get(chatId) ?? 0;
    const badge = unread > 0 ? el('span', { class: 'badge', 'aria-label': `${unread} unread` }, String(unread)) : null;
    return el(
      'li',
      {},
      el(
        'button',
        {
          type: 'button',
          class: view.isClosed ? 'closed' : null,
          'aria-current': chatId === this.active ? 'true' : null,
          'data-chat': chatId,
          onclick: () => this.activate(chatId),
        },
        avatar(chatId, this.titleOf(chatId)),
        el('span', { class: 'title' }, this.titleOf(chatId)),
        el('span', { class: 'preview' }, preview),
        badge,
      ),
    );
  }

  drawChat() {
    const view = this.active && this.client.view(this.active);
    $('#app').classList.toggle('in-chat', Boolean(view));
    for (const id of ['#scroller', '#composer', '#show-members']) $(id).hidden = !view;
    $('#nothing').hidden = Boolean(view);
    $('#chat-title').textContent = view ? this.titleOf(view.chatId) : '';
    $('#chat-state').textContent = view ? this.stateText(view) : '';
    if (!view) return;
    if (this.list.view !== view) this.list.show(view, this.names, this.refused.get(view.chatId) ?? []);
    this.list.draw();
    for (const control of $('#composer').elements) control.disabled = view.isClosed;
  }

  stateText(view) {
    switch (view.state) {
      case 'LOADING':
        return view.mustJoin ? 'Joining…' : 'Loading…';
      case 'BEHIND':
        return 'Catching up…';
      case 'CLOSED':
        return explain(view.closedWhy);
      default:
        return view.chatId;
    }
  }

  stop() {
    this.client.stop();
    clearInterval(this.countdown);
  }
}

/** The box grows with what is written, up to a third of the window. */
function resize() {
  const box = $('#text');
  box.style.height = 'auto';
  box.style.height = `${Math.min(box.scrollHeight + 2, window.innerHeight / 3)}px`;
}

function say(selector, text) {
  $(selector).textContent = text ?? '';
  $(selector).hidden = !text;
}

let session = null;

async function comeIn(name) {
  const config = await (await fetch('config')).json();
  const firstToken = await tokenFor(name);
  sessionStorage.setItem(NAME, name);
  $('#welcome').hidden = true;
  $('#app').hidden = false;
  const me = subjectOf(firstToken);
  $('#me').textContent = me === name ? name : `${name} (${me})`;
  session = new Session({ name, me, firstToken, webSocketUrl: config.webSocketUrl });
}

function welcome(error) {
  $('#app').hidden = true;
  $('#welcome').hidden = false;
  say('#welcome-error', error);
  $('#name').focus();
}

function openDialog() {
  say('#dialog-error', null);
  $('#dialog').showModal();
}

function onSubmit(selector, act) {
  $(selector).addEventListener('submit', (event) => {
    event.preventDefault();
    act();
  });
}

function sendText() {
  const text = $('#text').value.replace(/\r\n?/g, '\n').trim();
  if (!text) return;
  try {
    session.send(text);
    $('#text').value = '';
    say('#composer-error', null);
  } catch (refused) {
    say('#composer-error', `Not sent: ${refused.message}`);
  }
  resize();
}

function wire() {
  onSubmit('#welcome-form', () => {
    say('#welcome-error', null);
    comeIn($('#name').value.trim()).catch((failed) => welcome(`That did not work: ${failed.message}`));
  });
  onSubmit('#composer', sendText);
  $('#text').addEventListener('input', () => {
    resize();
    say('#composer-error', null);
  });
  $('#text').addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      sendText();
    }
  });
  onSubmit('#join-form', () => {
    session.join($('#join-id').value);
    $('#dialog').close();
  });
  onSubmit('#create-form', () => {
    const access = document.querySelector('input[name="access"]:checked').value;
    say('#dialog-error', null);
    session.create($('#create-id').value, $('#create-title').value.trim(), access, (error) => say('#dialog-error', error));
  });
  $('#new-chat').addEventListener('click', openDialog);
  $('#first-chat').addEventListener('click', openDialog);
  $('#back').addEventListener('click', () => {
    session.active = null;
    session.members.hide();
    session.draw();
  });
  $('#sign-out').addEventListener('click', () => {
    session.stop();
    sessionStorage.removeItem(NAME);
    location.reload();
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && session?.active) session.unread.delete(session.active);
    session?.draw();
  });
}

wire();
const known = sessionStorage.getItem(NAME);
if (known) comeIn(known).catch((failed) => welcome(`That did not work: ${failed.message}`));
else welcome(null);
