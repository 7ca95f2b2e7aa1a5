// The state of the connection, twice: a quiet word in the head of the conversation, and a bar
// above the composer once a break lasts long enough to matter.

import {Countdown} from './countdown.js';
import {find, setText} from './dom.js';
import {endFor} from './plain_words.js';

// Breaks shorter than this are nobody's business.
const troubleAfterMs = 1200;

const words = {
  idle: 'Connecting',
  connecting: 'Connecting',
  catching_up: 'Catching up',
  live: 'Connected',
  waiting: 'No connection',
  ended: 'Not connected',
};

export class LineView {
  #connection;
  #line = find('#line');
  #words = find('#line-words');
  #trouble = find('#trouble');
  #troubleWords = find('#trouble-words');
  #left = find('#trouble-countdown');
  #retry = find('#retry');
  #countdown = new Countdown();
  #timer = 0;
  #late = false;
  #off = new AbortController();

  constructor(connection) {
    this.#connection = connection;
    const {signal} = this.#off;
    connection.addEventListener('state', () => this.#draw(), {signal});
    this.#retry.addEventListener('click', () => connection.reconnect(), {signal});
    this.#draw();
  }

  stop() {
    this.#off.abort();
    this.#countdown.stop();
    clearTimeout(this.#timer);
    this.#trouble.hidden = true;
  }

  #draw() {
    const {phase, retryAt, reason} = this.#connection.state;
    this.#line.dataset.state = phase;
    // Coming and going between two attempts is one state for the reader.
    const between = phase === 'connecting' && this.#late;
    setText(this.#words, between ? words.waiting : words[phase]);
    this.#countdown.stop();
    if (phase === 'live') {
      clearTimeout(this.#timer);
      this.#timer = 0;
      this.#late = false;
      this.#trouble.hidden = true;
      return;
    }
    if (phase === 'ended') return this.#showEnd(reason);
    if (!this.#late) {
      this.#timer ||= setTimeout(() => {
        this.#late = true;
        this.#draw();
      }, troubleAfterMs);
      return;
    }
    setText(
        this.#troubleWords,
        'No connection to the server. What you write is kept here and goes out by itself.');
    setText(this.#left, 'Trying…');
    if (phase === 'waiting') {
      this.#countdown.start(retryAt, (left) => setText(this.#left, `Next try in ${left} s.`));
    }
    setText(this.#retry, 'Try now');
    this.#retry.hidden = phase !== 'waiting';
    this.#trouble.hidden = false;
  }

  #showEnd(reason) {
    clearTimeout(this.#timer);
    if (reason === 'stopped') return;
    const end = endFor(reason);
    setText(this.#troubleWords, end.text);
    setText(this.#left, '');
    setText(this.#retry, end.button);
    this.#retry.hidden = end.button === '';
    this.#trouble.hidden = false;
  }
}
