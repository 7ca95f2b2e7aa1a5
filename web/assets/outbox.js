// The messages of one user to one conversation that the server has not acknowledged. Each is kept
// in localStorage under its client_id until then, so that a reload sends it again with the same
// client_id and the server can tell it from a new one. Does not send.

// More unsent messages than this are refused: somebody who types that much offline should know.
export const waitingMax = 100;

function newClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Outbox {
  #storage;
  #prefix;
  #entries = [];
  #userId;

  constructor(userId, conversationId, storage = localStorage) {
    this.#storage = storage;
    this.#userId = userId;
    this.#prefix = `banter.outbox.${userId}.${conversationId}.`;
    this.#load();
  }

  // Entries in the order they were written:
  // {clientId, text, at, order, after, tried, state, reason, seq}.
  // state: "waiting" until acknowledged, "failed" (reason says why: it will not be sent again by
  // itself), or "sent" when the acknowledgement came before the message itself.
  // seq: the message we take this to be, once we have seen it or its acknowledgement.
  get entries() {
    return this.#entries;
  }

  get full() {
    return this.#entries.length >= waitingMax;
  }

  // after: the last message number seen when this was written.
  add(text, after) {
    const entry = {
      clientId: newClientId(),
      text,
      at: Date.now(),
      order: (this.#entries.at(-1)?.order ?? 0) + 1,
      after,
      tried: false,
      state: 'waiting',
    };
    this.#entries.push(entry);
    this.#keep(entry);
    return entry;
  }

  next() {
    return this.#entries.find((entry) => entry.state === 'waiting') ?? null;
  }

  find(clientId) {
    return this.#entries.find((entry) => entry.clientId === clientId) ?? null;
  }

  markTried(entry) {
    if (entry.tried) return;
    entry.tried = true;
    this.#keep(entry);
  }

  // The server has stored it as message `seq`; `last` is the newest message we have.
  acknowledge(clientId, seq, last) {
    const entry = this.find(clientId);
    if (!entry) return;
    this.#forget(entry);
    if (seq <= last) {
      this.remove(clientId);
    } else {
      entry.state = 'sent';
      entry.seq = seq;
    }
  }

  fail(clientId, reason) {
    const entry = this.find(clientId);
    if (!entry) return;
    entry.state = 'failed';
    entry.reason = reason;
    delete entry.seq;
    this.#keep(entry);
  }

  remove(clientId) {
    const at = this.#entries.findIndex((entry) => entry.clientId === clientId);
    if (at < 0) return null;
    const [entry] = this.#entries.splice(at, 1);
    this.#forget(entry);
    return entry;
  }

  // A message arrived. Messages do not carry the client_id, so until the acknowledgement says it
  // for sure, our own words that come back are taken to be the first entry with the same text;
  // the page then shows them once.
  match(message) {
    if (message.user_id !== this.#userId) return;
    const sent =
        this.#entries.find((entry) => entry.state === 'sent' && entry.seq === message.id);
    if (sent) {
      this.remove(sent.clientId);
      return;
    }
    const entry = this.#entries.find(
        (candidate) => candidate.state === 'waiting' && candidate.tried && !candidate.seq &&
            message.id > candidate.after && candidate.text === message.text);
    if (entry) entry.seq = message.id;
  }

  #load() {
    const keys = [];
    for (let i = 0; i < this.#storage.length; i++) {
      const key = this.#storage.key(i);
      if (key.startsWith(this.#prefix)) keys.push(key);
    }
    for (const key of keys) {
      try {
        this.#entries.push(JSON.parse(this.#storage.getItem(key)));
      } catch {
        this.#storage.removeItem(key);
      }
    }
    this.#entries.sort((a, b) => a.at - b.at || a.order - b.order);
  }

  #keep(entry) {
    const {clientId, text, at, order, after, tried, state, reason} = entry;
    const record = JSON.stringify({clientId, text, at, order, after, tried, state, reason});
    try {
      this.#storage.setItem(this.#prefix + clientId, record);
    } catch {
      // Storage is full or forbidden: the entry lives as long as this page does.
    }
  }

  #forget(entry) {
    this.#storage.removeItem(this.#prefix + entry.clientId);
  }
}
