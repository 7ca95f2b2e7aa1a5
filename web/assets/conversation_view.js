// One open conversation in the page: puts its transcript, outbox, connection and older pages
// together and shows them. The parts do not know the page; this is the only place that joins them.

import {Connection} from './connection.js';
import {find, setText} from './dom.js';
import {LineView} from './line_view.js';
import {MessageList, OutgoingList} from './message_list.js';
import {notice} from './notice.js';
import {Older} from './older.js';
import {OlderView} from './older_view.js';
import {Outbox, waitingMax} from './outbox.js';
import {namesOf} from './person.js';
import {badgesOf} from './list_view.js';
import {Scroller} from './scroller.js';
import {Transcript} from './transcript.js';

// A page that has read this many messages forgets the oldest while the end is in view.
const shownMax = 600;
const shownAfterTrim = 300;

export class ConversationView {
  #user;
  #id;
  #conversations;
  #composer;
  #transcript = new Transcript();
  #outbox;
  #connection;
  #older;
  #olderView;
  #list;
  #outgoing;
  #scroller;
  #views;
  #heldTimer = 0;
  #off = new AbortController();

  constructor(id, {user, api, session, conversations, composer}) {
    this.#id = id;
    this.#user = user;
    this.#conversations = conversations;
    this.#composer = composer;
    const transcript = this.#transcript;
    this.#outbox = new Outbox(user.id, id);
    this.#connection =
        new Connection(id, {api, session, transcript, outbox: this.#outbox});
    const connection = this.#connection;
    this.#older = new Older(id, {api, transcript, connection});
    this.#list = new MessageList(find('#messages'), user.id);
    this.#outgoing = new OutgoingList(find('#outgoing'), {
      edit: (clientId) => this.#withdraw(clientId, (text) => composer.take(text)),
      discard: (clientId) => this.#withdraw(clientId, () => composer.focus()),
    });
    this.#scroller = new Scroller({nearTop: () => this.#older.load()});
    this.#olderView = new OlderView(this.#older, transcript);
    this.#views = [
      new LineView(connection),
      this.#olderView,
      this.#scroller,
    ];
    this.#listen();
    this.#drawEmpty();
    this.#drawWho();
    this.#drawOutgoing();
    composer.open(`banter.draft.${user.id}.${id}`);
    conversations.addPeople(id, []);
    connection.start();
  }

  get id() {
    return this.#id;
  }

  close() {
    this.#off.abort();
    clearInterval(this.#heldTimer);
    this.#older.stop();
    this.#connection.stop();
    for (const view of this.#views) view.stop();
  }

  // Returns why the text cannot be taken, or ''.
  send(text) {
    if (this.#outbox.full) {
      return `${waitingMax} messages are waiting already. Wait until some are sent.`;
    }
    this.#connection.send(text);
    this.#scroller.toEnd();
    return '';
  }

  reconnect() {
    this.#connection.reconnect();
  }

  retryIfWaiting() {
    this.#connection.retryIfWaiting();
  }

  #listen() {
    const {signal} = this.#off;
    const on = (target, type, listener) => target.addEventListener(type, listener, {signal});
    on(this.#connection, 'replaced', (event) => this.#onReplaced(event.detail));
    on(this.#connection, 'added', (event) => this.#onAdded(event.detail.messages));
    on(this.#connection, 'outbox', () => this.#drawOutgoing());
    on(this.#connection, 'state', () => this.#onState());
    on(this.#older, 'loaded', (event) => this.#onOlder(event.detail.messages));
    on(this.#conversations, 'changed', () => this.#drawWho());
  }

  #onState() {
    // A line that is live says that the user takes part, even if the list does not yet.
    if (this.#connection.state.phase === 'live') this.#conversations.add(this.#id);
    this.#drawOutgoing();
  }

  #onReplaced({reset}) {
    const log = find('#log');
    // What was said before is to be read, not read out.
    log.setAttribute('aria-live', 'off');
    this.#list.replace(this.#transcript.messages);
    this.#meet(this.#transcript.messages);
    this.#drawOutgoing();
    this.#drawEmpty();
    this.#olderView.draw();
    this.#scroller.toEnd();
    requestAnimationFrame(() => setTimeout(() => log.setAttribute('aria-live', 'polite')));
    if (reset) notice('The server went back to an earlier state. This is what it has now.');
  }

  #onAdded(messages) {
    const others = messages.filter((message) => message.user_id !== this.#user.id);
    this.#scroller.keepEnd(() => {
      this.#list.append(messages);
      if (this.#scroller.atEnd && this.#transcript.messages.length > shownMax) {
        this.#list.dropFirst(this.#transcript.trim(shownAfterTrim));
      }
      this.#drawOutgoing();
      this.#drawEmpty();
    }, others.length);
    this.#meet(messages);
    if (document.hidden && others.length > 0) {
      dispatchEvent(new CustomEvent('unread', {detail: others.length}));
    }
  }

  #onOlder(messages) {
    this.#scroller.keepPlace(() => this.#list.prepend(messages));
    this.#meet(messages);
  }

  #meet(messages) {
    this.#conversations.addPeople(
        this.#id, [...new Set(messages.map((message) => message.user_id))]);
  }

  #withdraw(clientId, use) {
    const text = this.#connection.withdraw(clientId);
    if (text !== null) use(text);
  }

  #drawWho() {
    const people = this.#conversations.peopleOf(this.#id) ?? [];
    setText(
        find('#conversation-title'),
        people.length > 0 ? namesOf(people) : `Conversation ${this.#id}`);
    setText(find('#conversation-number'), people.length > 0 ? `Conversation ${this.#id}` : '');
    find('#conversation-badges').replaceChildren(...badgesOf(people));
  }

  #drawOutgoing() {
    clearInterval(this.#heldTimer);
    const held = Math.max(0, Math.ceil((this.#connection.heldUntil - Date.now()) / 1000));
    const live = this.#connection.state.phase === 'live';
    const last = this.#transcript.last;
    // What has come back as a message is shown there, once.
    const entries = this.#outbox.entries.filter((entry) => !entry.seq || entry.seq > last);
    this.#scroller.keepEnd(() => this.#outgoing.show(entries, {live, held}));
    if (held > 0) this.#heldTimer = setInterval(() => this.#drawOutgoing(), 1000);
    this.#drawEmpty();
  }

  #drawEmpty() {
    const loading = this.#transcript.epoch === '' && this.#list.length === 0;
    const ended = this.#connection.state.phase === 'ended';
    find('#skeleton').hidden = !loading || ended;
    setText(find('#loading-words'), loading && !ended ? 'Loading messages' : '');
    const silent = this.#list.length === 0 && this.#outbox.entries.length === 0;
    find('#nothing').hidden = loading || ended || !silent;
    this.#composer.offer(!ended || this.#connection.state.reason === 'flooding');
  }
}
