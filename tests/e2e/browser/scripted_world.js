// A world for the connection that a test holds in its hands: sockets that do what the test says,
// timers that run when the test lets time pass, chance that always comes out at its largest.
// The body of an async function that connection_test.py runs in the page; it gives a function that
// builds such a world.

const [{Connection}, {Outbox}, {Transcript}, {ApiError}] = await Promise.all(
    ['connection', 'outbox', 'transcript', 'api'].map((name) => import(`/assets/${name}.js`)));

class ScriptedSocket {
  sent = [];
  closed = false;

  constructor(url) {
    this.query = Object.fromEntries(new URL(url).searchParams);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
  }

  // What the server does:
  open() {
    this.onopen();
  }

  says(frame) {
    this.onmessage({data: JSON.stringify(frame)});
  }

  drops(code) {
    this.onclose({code});
  }

  // The usual beginning: open, and a history that ends at `to`.
  begins(to, more = {}) {
    this.open();
    this.says({type: 'history', messages: [], from: to + 1, to, head: to, more: false,
               epoch: 'e1', reset: false, ...more});
  }

  hears(id, text = `m${id}`, userId = 2) {
    this.says({type: 'message', message: {id, user_id: userId, text, ts: 1}});
  }

  acks(sent, id, epoch = 'e1') {
    this.says({type: 'ack', client_id: sent.client_id, id, ts: 1, epoch});
  }
}

// Promises settle before the next look.
async function settle() {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

class ScriptedClock {
  now = 0;
  #timers = [];

  set(callback, ms) {
    const timer = {callback, at: this.now + ms};
    this.#timers.push(timer);
    return timer;
  }

  clear(timer) {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }

  async pass(ms) {
    const end = this.now + ms;
    for (;;) {
      await settle();
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.clear(next);
      this.now = Math.max(this.now, next.at);
      next.callback();
    }
    this.now = end;
    await settle();
  }
}

class World {
  sockets = [];
  clock = new ScriptedClock();
  tokens = 1;
  ended = '';
  // The arguments of the ApiError with which the history is refused, or null.
  refuses = null;
  asked = 0;
  settle = settle;

  constructor() {
    localStorage.clear();
    const {clock} = this;
    this.line = new Connection(7, {
      transcript: new Transcript(),
      outbox: this.outbox(),
      session: {
        accessToken: async () => `token${this.tokens}`,
        refresh: async () => `token${++this.tokens}`,
        end: (reason) => { this.ended = reason; },
      },
      api: {history: () => this.#history()},
      around: {
        openSocket: (url) => this.#open(url),
        now: () => clock.now,
        random: () => 1,
        setTimer: (callback, ms) => clock.set(callback, ms),
        clearTimer: (timer) => clock.clear(timer),
        base: () => 'ws://server',
      },
    });
  }

  async start() {
    this.line.start();
    await settle();
    return this.socket();
  }

  pass(ms) {
    return this.clock.pass(ms);
  }

  socket() {
    return this.sockets.at(-1);
  }

  // What a page that is opened now would find unsent.
  outbox() {
    return new Outbox(1, 7);
  }

  ids() {
    return this.line.transcript.messages.map((message) => message.id);
  }

  waiting() {
    return this.line.outbox.entries.map((entry) => [entry.text, entry.state]);
  }

  leftMs() {
    return this.line.state.retryAt - this.clock.now;
  }

  #open(url) {
    this.sockets.push(new ScriptedSocket(url));
    return this.socket();
  }

  async #history() {
    this.asked += 1;
    if (this.refuses) throw new ApiError(...this.refuses);
  }
}

return () => new World();
