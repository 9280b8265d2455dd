// Plays scenarios on the page's client: node run.mjs CLIENT SCENARIO... prints [{name, result}].
// Scenario.java does the same to the Java client; README.md has the format.
import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const [client, ...files] = process.argv.slice(2);
const { Core } = await import(pathToFileURL(resolve(client)).href);

const position = (number) => `0091${String(number).padStart(8, '0')}-00000000`;
const alias = (value) => (value === 'START' ? value : `@${Number(value.slice(4, value.indexOf('-')))}`);
const aliases = (node) =>
  JSON.parse(JSON.stringify(node).replace(/@(\d+)/g, (_, number) => position(number)));

function entry(shortForm) {
  const [, at, prev, senderId, clientMessageId, mark] = shortForm.match(
    /^(@\d+)<(\S+) (\S+)\/(\S+?)( parked| resend)?$/,
  );
  const made = { position: at, prev: prev === '?' ? null : prev };
  if (senderId !== '?') Object.assign(made, { senderId, clientMessageId });
  if (mark === ' parked') return { ...made, parked: true };
  return {
    ...made,
    text: `text of ${clientMessageId}`,
    sentAt: '2026-11-24T02:04:05.123Z',
    resend: mark === ' resend',
  };
}

function expand(frame) {
  if (!Array.isArray(frame.messages)) return aliases(frame);
  const messages = frame.messages.map((one) => (typeof one === 'string' ? entry(one) : one));
  const retryable = frame.retryable;
  return aliases({ ...frame, messages, retryable });
}

const shownText = (one) => alias(one.position) + (one.parked ? ' parked' : '');
const because = (why) => (why === null ? '' : ` ${why}`);
const sorted = (frame) => Object.fromEntries(Object.entries(frame).sort());

function text(output) {
  switch (output.type) {
    case 'send':
      return sorted(output.frame);
    case 'shown':
      return `shown ${output.chatId} ${shownText(output.entry)}`;
    case 'hidden':
      return `hidden ${output.chatId} ${alias(output.position)}`;
    case 'state':
      return `state ${output.chatId} ${output.state}${because(output.why)}`;
    case 'own':
      return `own ${output.clientMessageId} ${output.state}${because(output.why)}`;
    case 'answered':
      return `answered ${output.requestId} ${output.frame.type}`;
    case 'unanswered':
      return `unanswered ${output.requestId}`;
    default:
      return output.type;
  }
}

const expected = (out) => out.map((one) => (typeof one === 'string' ? one : sorted(aliases(one))));

function act(core, step, now) {
  const chatId = step.chatId ?? 'lobby';
  switch (step.do) {
    case 'tick':
      return core.tick(now);
    case 'connected':
      return core.connected(now);
    case 'disconnected':
      return core.disconnected(step.code ?? 1006, now);
    case 'open':
      return core.open(chatId, now);
    case 'join':
      return core.join(chatId, now);
    case 'older':
      return core.older(chatId, now);
    case 'send':
      return core.send(chatId, step.text ?? 'hello', now);
    case 'request':
      return core.request(expand(step.frame), now);
    case 'stop':
      return core.stop(now);
    case 'received':
      return core.received(expand(step.frame), now);
    default:
      throw new Error(`no such step: ${step.do}`);
  }
}

function equal(what, actual, wanted) {
  if (!isDeepStrictEqual(actual, wanted)) {
    throw new Error(`${what}: got ${JSON.stringify(actual)}, expected ${JSON.stringify(wanted)}`);
  }
}

function see(core, wanted, what) {
  const view = core.view(wanted.chatId ?? 'lobby');
  const actual = {
    chatId: view.chatId,
    shown: view.shown().map(shownText),
    pending: view.pending().map((one) => one.clientMessageId),
    count: view.shown().length,
    cursor: alias(view.cursor),
    state: view.state,
    hasOlder: view.hasOlder,
  };
  for (const [name, value] of Object.entries(wanted)) equal(`${what} ${name}`, actual[name], value);
}

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The steps of the scenario that it begins with, then its own. */
function stepsOf(file) {
  const { given, steps } = read(file);
  return given ? [...stepsOf(join(dirname(file), `${given}.json`)), ...steps] : steps;
}

function play(file) {
  const scenario = read(file);
  let count = 0;
  const core = new Core({
    me: scenario.me ?? 'ana',
    followsAllChats: scenario.followsAllChats ?? false,
    random: () => scenario.random ?? 0.5,
    newId: () => `c-${++count}`,
  });
  let now = 0;
  stepsOf(file).forEach((step, index) => {
    now = step.at ?? now;
    const what = `step ${index + 1} (${step.do})`;
    let out = [];
    for (let n = step.from ?? 0; n < (step.from ?? 0) + (step.times ?? 1); n++) {
      const numbered = JSON.stringify(step).replaceAll('#n', n).replaceAll('#p', n - 1);
      out = act(core, JSON.parse(numbered), now);
    }
    if (step.out) equal(what, out.map(text), expected(step.out));
    if ('next' in step) {
      const next = core.nextTick();
      equal(`${what} next`, Number.isFinite(next) ? next : null, step.next);
    }
    if (step.view) see(core, step.view, what);
  });
}

const results = files.map((file) => {
  const name = basename(file, '.json');
  try {
    play(file);
    return { name, result: 'passed' };
  } catch (failed) {
    return { name, result: failed.stack };
  }
});
console.log(JSON.stringify(results));
