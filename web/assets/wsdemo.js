// The protocol playground: one WebSocket by hand, every frame in and out on display. Deliberately
// does nothing by itself: no reconnecting, no acknowledging, so that what is seen is the protocol.

import {Api} from './api.js';
import {element, find, setText} from './dom.js';
import {sentenceFor} from './plain_words.js';

// So many frames are kept on display; older ones go.
const framesMax = 1000;
// Up to this many characters a frame is shown open.
const shownOpenMax = 400;
// One byte more than the server takes.
const tooLargeBytes = 8193;

const api = new Api();
const frames = find('#frames');
const records = [];
let socket = null;
let seen = {last: 0, epoch: ''};
let counter = 1;

const tries = [
  ['Text only', () => '{"text": "no client_id, no acknowledgement"}'],
  ['With client_id', () => JSON.stringify({text: 'acknowledged', client_id: newId()})],
  ['Same again', () => JSON.stringify({text: 'acknowledged', client_id: currentId()})],
  ['Same id, other text', () => JSON.stringify({text: 'conflict', client_id: currentId()})],
  ['Blank', () => JSON.stringify({text: '   ', client_id: newId()})],
  ['Too large', () => JSON.stringify({text: 'x'.repeat(tooLargeBytes), client_id: newId()})],
  ['Not JSON', () => '{"text": '],
  ['Wrong type', () => '{"text": 5}'],
];

function newId() {
  counter += 1;
  return currentId();
}

function currentId() {
  return `a-${counter}`;
}

function clock() {
  return new Date().toISOString().slice(11, 23);
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function titleOf(text) {
  try {
    const frame = JSON.parse(text);
    return typeof frame?.type === 'string' ? frame.type : 'frame';
  } catch {
    return 'not JSON';
  }
}

// direction: "in", "out" or "note"
function record(direction, text, {bad = false} = {}) {
  const entry = {when: clock(), direction, text};
  const arrow = {in: '←', out: '→', note: '·'}[direction];
  const title = direction === 'note' ? '' : titleOf(text);
  const bytes = new TextEncoder().encode(text).length;
  const summary = element(
      'summary', {}, element('span', {class: 'when'}, `${entry.when} ${arrow}`),
      element('span', {class: 'what'}, element('b', {}, title), ` ${text.slice(0, 200)}`),
      element('span', {class: 'size'}, direction === 'note' ? '' : `${bytes} B`));
  const refused = title === 'error' || title === 'rate_limited';
  const classes = ['frame', direction, bad || refused ? 'bad' : ''].join(' ').trim();
  const open = direction !== 'note' && text.length <= shownOpenMax;
  entry.row = element('details', {class: classes, open}, summary, element('pre', {}, pretty(text)));
  records.push(entry);
  if (records.length > framesMax) records.shift().row.remove();
  const atEnd = frames.scrollHeight - frames.scrollTop - frames.clientHeight < 60;
  frames.append(entry.row);
  applyFilter(entry);
  if (atEnd) frames.scrollTop = frames.scrollHeight;
  find('#frames-empty').hidden = true;
}

function applyFilter(entry) {
  const wanted = find('#filter').value.trim().toLowerCase();
  entry.row.hidden = wanted !== '' && !entry.text.toLowerCase().includes(wanted);
}

function address({masked}) {
  const id = encodeURIComponent(find('#conversation-id').value.trim());
  const token = find('#token').value.trim();
  const query = new URLSearchParams({token: masked && token ? '…' : token});
  for (const name of ['since', 'epoch']) {
    const value = find(`#${name}`).value.trim();
    if (value) query.set(name, value);
  }
  const text = query.toString();
  return `${location.origin.replace(/^http/, 'ws')}/ws/chat/${id}/?` +
      (masked ? decodeURIComponent(text) : text);
}

function showAddress() {
  setText(find('#address'), address({masked: true}));
}

function showState(state, words) {
  find('#status').dataset.state = state;
  setText(find('#status'), words);
  setText(find('#connect'), state === 'closed' ? 'Connect' : 'Disconnect');
  find('#resume').disabled = seen.epoch === '';
}

function connect() {
  record('note', `opening ${address({masked: true})}`);
  showState('connecting', 'Connecting');
  const opening = new WebSocket(address({masked: false}));
  socket = opening;
  opening.onopen = () => {
    record('note', 'open');
    showState('open', 'Connected');
  };
  opening.onmessage = (event) => {
    record('in', event.data);
    learn(event.data);
  };
  opening.onclose = (event) => {
    const why = event.reason ? ` "${event.reason}"` : '';
    record('note', `closed with ${event.code}${why}`, {bad: event.code !== 1000});
    if (socket !== opening) return;
    socket = null;
    showState('closed', `Closed (${event.code})`);
  };
}

// What resuming needs: the last number and the epoch.
function learn(text) {
  try {
    const frame = JSON.parse(text);
    if (frame.epoch) seen.epoch = frame.epoch;
    if (frame.type === 'history') seen.last = frame.to ?? frame.messages.at(-1)?.id ?? 0;
    if (frame.type === 'message') seen.last = frame.message.id;
  } catch {
    return;
  }
  find('#resume').disabled = seen.epoch === '';
}

function send(text) {
  if (socket?.readyState !== WebSocket.OPEN) {
    record('note', 'not connected: nothing was sent', {bad: true});
    return;
  }
  socket.send(text);
  record('out', text);
}

async function logIn() {
  const problem = find('#log-in-error');
  setText(problem, '');
  try {
    const answer = await api.logIn(find('#email').value, find('#password').value);
    find('#token').value = answer.access;
    showAddress();
  } catch (error) {
    const wait = error.kind === 'throttled' ? ` Try again in ${error.retryAfter} s.` : '';
    setText(problem, sentenceFor(error) + wait);
  }
}

function useAccount() {
  const accounts = JSON.parse(localStorage.getItem('banter.accounts') ?? '{}');
  const id = sessionStorage.getItem('banter.user') || localStorage.getItem('banter.newest');
  const account = accounts[id] ?? Object.values(accounts)[0];
  setText(find('#token-error'), account ? '' : 'Nobody is logged in at the chat.');
  if (account) find('#token').value = account.access;
  showAddress();
}

find('#connect-form').addEventListener('submit', (event) => {
  event.preventDefault();
  if (socket) socket.close(1000);
  else connect();
});
find('#connect-form').addEventListener('input', showAddress);
find('#resume').addEventListener('click', () => {
  find('#since').value = String(seen.last);
  find('#epoch').value = seen.epoch;
  showAddress();
  socket?.close(1000);
  connect();
});
find('#log-in-button').addEventListener('click', logIn);
find('#log-in').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.target.tagName !== 'INPUT') return;
  event.preventDefault();
  logIn();
});
find('#use-account').addEventListener('click', useAccount);
find('#send').addEventListener('click', () => send(find('#frame').value));
find('#frame').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(find('#frame').value);
});
find('#fill-id').addEventListener('click', () => {
  try {
    const frame = {...JSON.parse(find('#frame').value), client_id: newId()};
    find('#frame').value = JSON.stringify(frame);
  } catch {
    find('#frame').value = JSON.stringify({text: 'hello', client_id: newId()});
  }
});
find('#tries').append(...tries.map(([words, frame]) => element(
    'button', {type: 'button', class: 'quiet', onclick: () => send(frame())}, words)));
find('#filter').addEventListener('input', () => records.forEach(applyFilter));
find('#clear').addEventListener('click', () => {
  frames.replaceChildren();
  records.length = 0;
  find('#frames-empty').hidden = false;
});
find('#copy').addEventListener('click', async () => {
  const shown = records.filter((entry) => !entry.row.hidden);
  const text = shown.map((entry) => `${entry.when} ${entry.direction} ${entry.text}`).join('\n');
  try {
    await navigator.clipboard.writeText(text);
    setText(find('#copy'), 'Copied');
  } catch {
    setText(find('#copy'), 'Not allowed');
  }
  setTimeout(() => setText(find('#copy'), 'Copy'), 1500);
});

showAddress();
