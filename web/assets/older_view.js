// The top of the messages: a way to older ones, or that this is the beginning.

import {Countdown} from './countdown.js';
import {find, setText} from './dom.js';

export class OlderView {
  #older;
  #transcript;
  #box = find('#older');
  #button = find('#older-button');
  #words = find('#older-words');
  #countdown = new Countdown();
  #off = new AbortController();

  constructor(older, transcript) {
    this.#older = older;
    this.#transcript = transcript;
    const {signal} = this.#off;
    older.addEventListener('state', () => this.draw(), {signal});
    older.addEventListener('loaded', () => this.draw(), {signal});
    this.#button.addEventListener('click', () => older.load(), {signal});
    this.draw();
  }

  stop() {
    this.#off.abort();
    this.#countdown.stop();
  }

  draw() {
    this.#countdown.stop();
    const {phase, retryAt} = this.#older.state;
    const {atStart, empty} = this.#transcript;
    this.#box.dataset.state = atStart ? 'start' : phase;
    this.#button.hidden = atStart || empty || phase !== 'idle';
    if (phase === 'loading') setText(this.#words, 'Loading older messages…');
    else if (phase === 'waiting') this.#countdown.start(retryAt, (left) => this.#count(left));
    else setText(this.#words, atStart && !empty ? 'This is where it began.' : '');
  }

  #count(left) {
    setText(this.#words, `The server asks for a break. Older messages in ${left} s.`);
  }
}
