// One conversation's live line to the server: connects, catches up, resumes after a break without
// a gap, and lets the sender send while it is live. Fires "state", "replaced" (the transcript
// started over; detail.reset: the server's log is another one), "added" (detail.messages), and
// "outbox". Knows nothing of the DOM.

import {remedyFor} from './close_codes.js';
import {Sender} from './sender.js';

// Opening a socket, and each step of catching up, may take this long.
const stepTimeoutMs = 15000;
// Back-off: up to 0.5 s, 1 s, 2 s … 15 s, a random part of it ("full jitter").
const backoffFirstMs = 500;
const backoffMaxMs = 15000;
// A line that held this long was a good one: the next break starts from the shortest wait.
const settledMs = 5000;
// With more than this to catch up, start over with the newest messages instead.
const catchUpMax = 1000;
// Sockets refused before they open: ask over HTTP why, at the second and then every fourth time.
const refusalsUntilAsked = 2;
const refusalsBetweenAsking = 4;

const world = {
  openSocket: (url) => new WebSocket(url),
  now: () => Date.now(),
  random: () => Math.random(),
  setTimer: (callback, ms) => setTimeout(callback, ms),
  clearTimer: (timer) => clearTimeout(timer),
  base: () => location.origin.replace(/^http/, 'ws'),
};

export class Connection extends EventTarget {
  #id;
  #api;
  #session;
  #world;
  #socket = null;
  #attempt = 0;
  #refusals = 0;
  #tokenRefused = false;
  #timer = 0;
  #settleTimer = 0;
  #startOver = true;
  #sender;
  #round = 0;

  // phase: "idle", "connecting", "catching_up", "live", "waiting" (until retryAt), "ended"
  // (reason).
  state = {phase: 'idle', retryAt: 0, reason: ''};

  constructor(conversationId, {api, session, transcript, outbox, around = {}}) {
    super();
    this.#id = conversationId;
    this.#api = api;
    this.#session = session;
    this.transcript = transcript;
    this.outbox = outbox;
    this.#world = {...world, ...around};
    this.#sender = new Sender(outbox, {
      world: this.#world,
      changed: () => this.#tell('outbox'),
      dead: () => this.reconnect(),
    });
  }

  // Until then (0: not at all) nothing is sent, because the server said so.
  get heldUntil() {
    return this.#sender.heldUntil;
  }

  start() {
    if (this.state.phase === 'idle' || this.state.phase === 'ended') this.#connect();
  }

  // Ends for good; the outbox stays in storage.
  stop() {
    this.#drop();
    this.#sender.stop();
    this.#enter('ended', {reason: 'stopped'});
  }

  // Do not wait any longer; from a live line: check it by making a new one.
  reconnect() {
    if (this.state.phase === 'ended' && this.state.reason === 'stopped') return;
    this.#drop();
    this.#connect();
  }

  retryIfWaiting() {
    if (this.state.phase === 'waiting') this.reconnect();
  }

  // Keeps the text until it is acknowledged, and sends it as soon as possible.
  send(text) {
    this.outbox.add(text, this.transcript.last);
    this.#tell('outbox');
    this.#sender.next();
  }

  // Gives up on an unsent message and returns its text; null if it is being sent right now.
  withdraw(clientId) {
    if (this.#sender.inFlight?.clientId === clientId) return null;
    const entry = this.outbox.remove(clientId);
    this.#tell('outbox');
    return entry?.text ?? null;
  }

  async #connect() {
    const round = ++this.#round;
    this.#enter('connecting');
    let token;
    try {
      token = await this.#session.accessToken();
    } catch (error) {
      if (round !== this.#round) return;
      if (error.kind === 'unauthorized' || error.kind === 'refused') {
        this.#enter('ended', {reason: 'signed_out'});
      } else {
        this.#wait((error.retryAfter ?? 0) * 1000);
      }
      return;
    }
    if (round !== this.#round) return;
    this.#open(token);
  }

  #open(token) {
    const query = new URLSearchParams({token});
    const {epoch, last} = this.transcript;
    this.#startOver = epoch === '';
    query.set('since', this.#startOver ? 'latest' : String(last));
    if (!this.#startOver) query.set('epoch', epoch);
    const socket = this.#world.openSocket(`${this.#world.base()}/ws/chat/${this.#id}/?${query}`);
    this.#socket = socket;
    let opened = false;
    this.#expectProgress();
    socket.onopen = () => {
      opened = true;
      this.#refusals = 0;
      this.#enter('catching_up');
    };
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#receive(event.data);
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event.code, opened, token);
    };
  }

  #receive(data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    switch (frame?.type) {
      case 'history': return this.#onHistory(frame);
      case 'message': return this.#onMessage(frame.message);
      case 'ack': return this.#onAck(frame);
      case 'rate_limited': return this.#sender.putOff(frame);
      case 'error': return this.#sender.refused(frame);
    }
  }

  #onHistory(frame) {
    if (this.#startOver || frame.reset) {
      this.transcript.replace(frame);
      this.#startOver = false;
      frame.messages.forEach((message) => this.outbox.match(message));
      this.#tell('replaced', {reset: frame.reset === true});
    } else {
      if (frame.head - this.transcript.last > catchUpMax) {
        this.transcript.replace({messages: []});
        this.reconnect();
        return;
      }
      this.#added(this.transcript.extend(frame));
    }
    this.#expectProgress();
    if (frame.more) return;
    this.#world.clearTimer(this.#timer);
    this.#tokenRefused = false;
    this.#enter('live');
    this.#settleTimer = this.#world.setTimer(() => { this.#attempt = 0; }, settledMs);
    this.#sender.begin((message) => this.#socket.send(JSON.stringify(message)));
  }

  #onMessage(message) {
    const outcome = this.transcript.add(message);
    if (outcome === 'added') this.#added([message]);
    if (outcome === 'gap') {
      this.#drop();
      this.#wait();
    }
  }

  #added(messages) {
    if (messages.length === 0) return;
    messages.forEach((message) => this.outbox.match(message));
    this.#tell('added', {messages});
    this.#tell('outbox');
  }

  #onAck(frame) {
    this.#sender.acknowledged(frame, this.transcript.last);
    if (frame.epoch && frame.epoch !== this.transcript.epoch) this.reconnect();
  }

  #closed(code, opened, token) {
    const sending = this.#sender.inFlight;
    this.#drop();
    switch (remedyFor(code)) {
      case 'again': break;
      case 'new_token': return this.#renew(token);
      case 'poison':
        if (sending) this.#sender.giveUp(sending.clientId, 'refused');
        break;
      case 'signed_out':
        this.#enter('ended', {reason: 'signed_out'});
        this.#session.end('This account can no longer be used here.');
        return;
      default:
        this.#enter('ended', {reason: remedyFor(code)});
        return;
    }
    if (!opened) this.#refusals += 1;
    if (!opened && this.#refusals % refusalsBetweenAsking === refusalsUntilAsked) {
      this.#askWhy();
    } else {
      this.#wait();
    }
  }

  // The server wants another token. Twice in a row means that a new one does not help either.
  async #renew(token) {
    const round = this.#round;
    const again = this.#tokenRefused;
    this.#tokenRefused = true;
    if (again) return this.#wait();
    this.#enter('connecting');
    try {
      await this.#session.refresh(token);
    } catch {
      // The next attempt finds out whether that passes; the session ends itself if it does not.
    }
    if (round === this.#round) this.#connect();
  }

  // A browser does not tell why a handshake was refused, but the history says 401 or 404.
  async #askWhy() {
    const round = this.#round;
    this.#enter('connecting');
    let reason = '';
    try {
      await this.#api.history(this.#id, {limit: 1});
    } catch (error) {
      if (error.kind === 'unauthorized') reason = 'signed_out';
      if (error.kind === 'refused') reason = error.status === 404 ? 'not_member' : 'refused';
    }
    if (round !== this.#round) return;
    if (reason) this.#enter('ended', {reason});
    else this.#wait();
  }

  #wait(atLeastMs = 0) {
    const most = Math.min(backoffMaxMs, backoffFirstMs * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 16);
    const ms = Math.max(atLeastMs, Math.round(this.#world.random() * most));
    this.#enter('waiting', {retryAt: this.#world.now() + ms});
    this.#timer = this.#world.setTimer(() => this.#connect(), ms);
  }

  #expectProgress() {
    this.#world.clearTimer(this.#timer);
    this.#timer = this.#world.setTimer(() => {
      this.#drop();
      this.#wait();
    }, stepTimeoutMs);
  }

  // Leaves the current socket, if any, and every timer that belongs to it.
  #drop() {
    this.#round += 1;
    this.#sender.suspend();
    this.#world.clearTimer(this.#timer);
    this.#world.clearTimer(this.#settleTimer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #enter(phase, {retryAt = 0, reason = ''} = {}) {
    this.state = {phase, retryAt, reason};
    this.#tell('state');
  }

  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}
