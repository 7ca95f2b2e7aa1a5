// Puts the page together: who is signed in decides between the door and the chat, the address
// (#/7) decides which conversation is open.

import {Api} from './api.js';
import {Composer} from './composer.js';
import {ConversationView} from './conversation_view.js';
import {Conversations} from './conversations.js';
import {find} from './dom.js';
import {ListView} from './list_view.js';
import {Session} from './session.js';
import {SignInView} from './sign_in_view.js';

// A timer that fires this late means that the machine slept: the socket may be dead and not know.
const tickMs = 15000;
const sleptMs = 120000;

// On a touch screen focusing a field brings up a keyboard that covers what the reader came for.
const touch = matchMedia('(pointer: coarse)');

const api = new Api();
const session = new Session(api);
api.useSession(session);

const signIn = new SignInView(api, session);
const listView = new ListView((id) => { location.hash = `#/${id}`; });
const composer = new Composer((text) => conversation?.send(text) ?? '');

let user = null;
let conversations = null;
let conversation = null;
let unread = 0;

function addressed() {
  const match = /^#\/([1-9]\d{0,14})$/.exec(location.hash);
  return match ? Number(match[1]) : null;
}

function openAddressed() {
  const id = user ? addressed() : null;
  const before = conversation?.id ?? null;
  if (id !== null && id === before) return;
  conversation?.close();
  conversation = null;
  find('#chat').dataset.pane = id === null ? 'list' : 'conversation';
  find('#welcome').hidden = id !== null;
  find('#talk').hidden = id === null;
  if (user) listView.select(id);
  if (id !== null) {
    conversation = new ConversationView(id, {user, api, session, conversations, composer});
    if (touch.matches) find('#conversation-title').focus();
    else composer.focus();
  } else if (before !== null) {
    listView.focusOn(before);
  }
}

function closeChat() {
  conversation?.close();
  conversation = null;
  conversations?.stop();
  conversations = null;
  listView.hide();
  find('#account-menu').open = false;
  find('#chat').hidden = true;
}

function showWhoIsHere() {
  const now = session.user;
  if (user && now && user.id === now.id) return;
  closeChat();
  user = now;
  if (!user) {
    if (location.hash) history.replaceState(null, '', '/');
    signIn.show();
    return;
  }
  signIn.hide();
  find('#chat').hidden = false;
  conversations = new Conversations(user.id, api);
  listView.show(user, conversations);
  conversations.start();
  openAddressed();
  if (!conversation && !touch.matches) find('#member-numbers').focus({preventScroll: true});
}

session.addEventListener('ended', (event) => {
  signIn.show({notice: event.detail.reason, email: event.detail.email});
});
session.addEventListener('changed', showWhoIsHere);
addEventListener('hashchange', openAddressed);

find('#log-out').addEventListener('click', () => session.signOut());
find('#use-another').addEventListener('click', () => session.choose(null));
find('#skip').addEventListener('click', (event) => {
  event.preventDefault();
  if (conversation) composer.focus();
  else find('#member-numbers').focus();
});
find('#account-menu').addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  find('#account-menu').open = false;
  find('#account-menu summary').focus();
});
document.addEventListener('click', (event) => {
  if (!find('#account-menu').contains(event.target)) find('#account-menu').open = false;
});

// Back from where the network was not: do not wait for the next attempt.
addEventListener('online', () => conversation?.retryIfWaiting());
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  unread = 0;
  document.title = 'Banter';
  conversation?.retryIfWaiting();
});
addEventListener('unread', (event) => {
  unread += event.detail;
  document.title = `(${unread}) Banter`;
});

let lastTick = Date.now();
setInterval(() => {
  const slept = Date.now() - lastTick > sleptMs;
  lastTick = Date.now();
  if (slept) conversation?.reconnect();
}, tickMs);

showWhoIsHere();
