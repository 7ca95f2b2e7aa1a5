// What this page has of one conversation: a range of messages without holes, in the order of
// their numbers (1, 2, 3 …). Knows nothing of sockets or the DOM; refuses what would make a hole.

export class Transcript {
  #messages = [];
  epoch = '';
  // Numbers covered so far: everything after `first - 1` up to `last` is here.
  first = 0;
  last = 0;
  atStart = false;

  get messages() {
    return this.#messages;
  }

  get empty() {
    return this.#messages.length === 0;
  }

  // Starts over with a window of the newest messages.
  replace({messages, epoch, to = 0}) {
    this.#messages = [...messages];
    this.epoch = epoch ?? '';
    this.last = Math.max(to, messages.at(-1)?.id ?? 0);
    this.first = messages[0]?.id ?? this.last + 1;
    this.atStart = messages.length === 0 || this.first === 1;
  }

  // A page that the server says continues where we were. Returns what was new.
  extend({messages, to = 0}) {
    const fresh = messages.filter((message) => message.id > this.last);
    this.#messages.push(...fresh);
    this.last = Math.max(this.last, to, fresh.at(-1)?.id ?? 0);
    return fresh;
  }

  // One live message: "added", "known", or "gap" (and then nothing has changed).
  add(message) {
    if (message.id <= this.last) return 'known';
    if (message.id !== this.last + 1) return 'gap';
    this.#messages.push(message);
    this.last = message.id;
    return 'added';
  }

  // Messages before `first`; `asked` is how many were asked for, fewer means the beginning.
  prepend(messages, asked) {
    const older = messages.filter((message) => message.id < this.first);
    this.#messages.unshift(...older);
    if (older.length > 0) this.first = older[0].id;
    this.atStart = messages.length < asked || this.first === 1;
    return older;
  }

  // Forgets the oldest so that at most `keep` stay; they can be read again. Returns how many.
  trim(keep) {
    const extra = this.#messages.length - keep;
    if (extra <= 0) return 0;
    this.#messages.splice(0, extra);
    this.first = this.#messages[0].id;
    this.atStart = false;
    return extra;
  }
}
