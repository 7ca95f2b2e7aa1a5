// Sends what an outbox holds over a line that comes and goes: one message at a time, so that their
// order is kept, each until it is acknowledged or refused for good. Waits when the server says so.

// Without an answer for this long the line is taken to be dead.
const answerTimeoutMs = 10000;

export class Sender {
  #outbox;
  #world;
  #changed;
  #dead;
  #transmit = null;
  #inFlight = null;
  #answerTimer = 0;
  #holdTimer = 0;

  // Until then (0: not at all) nothing is sent, because the server said so.
  heldUntil = 0;

  // changed() is called when the outbox or heldUntil changed, dead() when no answer comes.
  constructor(outbox, {world, changed, dead}) {
    this.#outbox = outbox;
    this.#world = world;
    this.#changed = changed;
    this.#dead = dead;
  }

  // The entry that has been sent and not been answered, or null.
  get inFlight() {
    return this.#inFlight;
  }

  // The line is there: transmit(frame) sends an object.
  begin(transmit) {
    this.#transmit = transmit;
    this.next();
  }

  // The line is gone; what was in flight will be sent again.
  suspend() {
    this.#transmit = null;
    this.#inFlight = null;
    this.#world.clearTimer(this.#answerTimer);
  }

  // For good.
  stop() {
    this.suspend();
    this.#world.clearTimer(this.#holdTimer);
  }

  next() {
    if (!this.#transmit || this.#inFlight || this.heldUntil > this.#world.now()) return;
    const entry = this.#outbox.next();
    if (!entry) return;
    this.#inFlight = entry;
    this.#outbox.markTried(entry);
    this.#transmit({text: entry.text, client_id: entry.clientId});
    this.#answerTimer = this.#world.setTimer(this.#dead, answerTimeoutMs);
  }

  // last: the number of the newest message at hand.
  acknowledged(frame, last) {
    this.#answered(frame.client_id);
    this.#outbox.acknowledge(frame.client_id, frame.id, last);
    this.#changed();
    this.next();
  }

  // Too fast, or the server cannot store right now: the same message again, later.
  putOff(frame) {
    if (frame.client_id) this.#answered(frame.client_id);
    const ms = Math.max(1, Number(frame.retry_after) || 1) * 1000;
    this.heldUntil = this.#world.now() + ms;
    this.#world.clearTimer(this.#holdTimer);
    this.#holdTimer = this.#world.setTimer(() => {
      this.heldUntil = 0;
      this.#changed();
      this.next();
    }, ms);
    this.#changed();
  }

  refused(frame) {
    if (frame.code === 'overloaded' || frame.code === 'unavailable') {
      this.putOff(frame);
      return;
    }
    const clientId = frame.client_id ?? this.#inFlight?.clientId;
    if (clientId) this.giveUp(clientId, frame.code);
    this.next();
  }

  // It stays in the outbox for the user to decide about, and is not sent again by itself.
  giveUp(clientId, reason) {
    this.#answered(clientId);
    this.#outbox.fail(clientId, reason);
    this.#changed();
  }

  #answered(clientId) {
    if (this.#inFlight?.clientId !== clientId) return;
    this.#inFlight = null;
    this.#world.clearTimer(this.#answerTimer);
  }
}
