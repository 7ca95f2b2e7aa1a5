// Reads a conversation backwards, a page at a time, over HTTP. When the server says "too often"
// it waits as long as told and goes on by itself. Fires "state" and "loaded" (detail.messages).

// 200 is the most the server gives at once; half of that keeps a page quick to draw.
const pageSize = 100;
const retrySeconds = 3;

export class Older extends EventTarget {
  #id;
  #api;
  #transcript;
  #connection;
  #timer = 0;
  // phase: "idle", "loading", "waiting" (until retryAt).
  state = {phase: 'idle', retryAt: 0};

  constructor(conversationId, {api, transcript, connection}) {
    super();
    this.#id = conversationId;
    this.#api = api;
    this.#transcript = transcript;
    this.#connection = connection;
  }

  stop() {
    clearTimeout(this.#timer);
    this.#enter('idle');
  }

  load() {
    const nothingToRead = this.#transcript.atStart || this.#transcript.epoch === '';
    if (this.state.phase === 'idle' && !nothingToRead) this.#read();
  }

  async #read() {
    this.#enter('loading');
    const {first: before, epoch} = this.#transcript;
    try {
      const page = await this.#api.history(this.#id, {before, limit: pageSize});
      const moved = this.#transcript.first !== before || this.#transcript.epoch !== epoch;
      this.#enter('idle');
      if (moved) return;
      if (page.epoch !== epoch) {
        // The server's log is another one now; the connection finds out and starts over.
        this.#connection.reconnect();
        return;
      }
      const messages = this.#transcript.prepend(page.messages, pageSize);
      this.dispatchEvent(new CustomEvent('loaded', {detail: {messages}}));
    } catch (error) {
      if (error.kind === 'refused' || error.kind === 'unauthorized') {
        this.#enter('idle');
        return;
      }
      const ms = (error.retryAfter || retrySeconds) * 1000;
      this.#enter('waiting', Date.now() + ms);
      this.#timer = setTimeout(() => this.#read(), ms);
    }
  }

  #enter(phase, retryAt = 0) {
    this.state = {phase, retryAt};
    this.dispatchEvent(new Event('state'));
  }
}
