// Where the reader is in the messages: at the end (then new ones scroll into view) or further up
// (then nothing moves under the eyes, and a button tells what came and leads down).

import {find, setText} from './dom.js';

// Closer than this to an edge counts as being there, in pixels.
const endPx = 80;
const topPx = 300;

export class Scroller {
  #box = find('#scroller');
  #button = find('#newest');
  #words = find('#newest-words');
  #arrived = 0;
  #off = new AbortController();
  #watch;
  atEnd = true;

  // nearTop() is called when the reader comes close to the oldest message.
  constructor({nearTop}) {
    const {signal} = this.#off;
    this.#box.addEventListener('scroll', () => this.#onScroll(nearTop), {signal, passive: true});
    this.#button.addEventListener('click', () => this.toEnd(), {signal});
    this.#watch = new ResizeObserver(() => {
      if (this.atEnd) this.toEnd();
    });
    this.#watch.observe(this.#box);
    this.#draw();
  }

  stop() {
    this.#off.abort();
    this.#watch.disconnect();
    this.#arrived = 0;
    this.#button.hidden = true;
  }

  toEnd() {
    this.atEnd = true;
    this.#arrived = 0;
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#draw();
  }

  // change() adds at the end; `news` is how many of them are worth telling about.
  keepEnd(change, news = 0) {
    const atEnd = this.atEnd;
    change();
    if (atEnd) {
      this.toEnd();
    } else {
      this.#arrived += news;
      this.#draw();
    }
  }

  // change() adds at the top.
  keepPlace(change) {
    const fromEnd = this.#box.scrollHeight - this.#box.scrollTop;
    change();
    this.#box.scrollTop = this.#box.scrollHeight - fromEnd;
  }

  #onScroll(nearTop) {
    const {scrollTop, scrollHeight, clientHeight} = this.#box;
    this.atEnd = scrollHeight - scrollTop - clientHeight < endPx;
    if (this.atEnd) this.#arrived = 0;
    if (scrollTop < topPx && scrollHeight > clientHeight) nearTop();
    this.#draw();
  }

  #draw() {
    this.#button.hidden = this.atEnd;
    const words = this.#arrived === 1 ? '1 new message' : `${this.#arrived} new messages`;
    setText(this.#words, this.#arrived > 0 ? words : 'Newest');
  }
}
