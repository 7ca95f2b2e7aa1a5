// The conversations of this window's user: which there are (from the server, refreshed within
// what it allows) and who is known to take part (the API does not say, so we remember whom the
// user invited and whose messages we have seen). Fires "changed".

const refreshEveryMs = 30000;
// Creating and listing share five requests a minute; this leaves room for creating.
const refreshNoSoonerMs = 20000;
// What we remember about participants is bounded: the newest conversations, the first people.
const rememberedMax = 500;
const peopleMax = 50;

export class Conversations extends EventTarget {
  #api;
  #userId;
  #storage;
  #timer = 0;
  #people;
  #refreshing = false;
  #stopped = false;

  // ids is null until the first answer. waitingUntil: when the server lets us ask again.
  ids = null;
  waitingUntil = 0;
  failed = false;

  constructor(userId, api, storage = localStorage) {
    super();
    this.#api = api;
    this.#userId = userId;
    this.#storage = storage;
    this.#people = this.#read('people');
    const known = this.#read('list');
    if (known) this.ids = known.ids;
  }

  start() {
    addEventListener('storage', this.#onStorage);
    document.addEventListener('visibilitychange', this.#onFocus);
    addEventListener('focus', this.#onFocus);
    this.refresh({anyway: true});
  }

  stop() {
    this.#stopped = true;
    removeEventListener('storage', this.#onStorage);
    document.removeEventListener('visibilitychange', this.#onFocus);
    removeEventListener('focus', this.#onFocus);
    clearTimeout(this.#timer);
  }

  // Asks the server unless somebody (another window of the same user counts) just did; `anyway`
  // is for a page that was just opened.
  async refresh({anyway = false} = {}) {
    const age = Date.now() - (this.#read('list')?.at ?? 0);
    const fresh = !anyway && this.ids !== null && age >= 0 && age < refreshNoSoonerMs;
    if (this.#refreshing || this.#stopped || Date.now() < this.waitingUntil) return;
    if (fresh) return this.#plan(refreshEveryMs - age);
    this.#refreshing = true;
    let wait = refreshEveryMs;
    try {
      this.#take(await this.#api.listConversations());
      this.failed = false;
      this.waitingUntil = 0;
    } catch (error) {
      this.failed = true;
      wait = (error.retryAfter || 5) * 1000;
      this.waitingUntil = Date.now() + wait;
    }
    this.#refreshing = false;
    this.#changed();
    this.#plan(wait);
  }

  // Throws ApiError; the new conversation is in the list at once.
  async create(memberIds) {
    const id = await this.#api.createConversation(memberIds);
    this.addPeople(id, memberIds);
    this.add(id);
    return id;
  }

  // The user takes part in this one, whatever the last list said.
  add(id) {
    if (this.ids?.includes(id)) return;
    this.ids = [id, ...(this.ids ?? [])].sort((a, b) => b - a);
    this.#write('list', {at: 0, ...this.#read('list'), ids: this.ids});
    this.#changed();
  }

  // Who else takes part, as far as this browser knows; null if it was never opened here.
  peopleOf(id) {
    return this.#people?.[id] ?? null;
  }

  // Remembers participants; an empty list says that the conversation was opened.
  addPeople(id, userIds) {
    const known = this.#people?.[id];
    const others = userIds.filter((userId) => userId !== this.#userId);
    const people = [...new Set([...(known ?? []), ...others])].slice(0, peopleMax);
    if (known && people.length === known.length) return;
    const all = {...this.#people, [id]: people};
    const newest = Object.keys(all).map(Number).sort((a, b) => b - a).slice(0, rememberedMax);
    this.#people = Object.fromEntries(newest.map((key) => [key, all[key]]));
    this.#write('people', this.#people);
    this.#changed();
  }

  #take(ids) {
    const first = !this.#read('list')?.at;
    this.ids = [...ids].sort((a, b) => b - a);
    this.#write('list', {at: Date.now(), ids: this.ids});
    if (!first) return;
    // The first time in this browser nothing is new.
    const all = this.ids.slice(0, rememberedMax).map((id) => [id, this.peopleOf(id) ?? []]);
    this.#people = {...Object.fromEntries(all), ...this.#people};
    this.#write('people', this.#people);
  }

  #onFocus = () => {
    if (!document.hidden) this.refresh();
  };

  #onStorage = (event) => {
    if (event.key === this.#key('list')) this.ids = this.#read('list')?.ids ?? this.ids;
    else if (event.key === this.#key('people')) this.#people = this.#read('people');
    else return;
    this.#changed();
  };

  #plan(ms) {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      if (document.hidden) this.#plan(refreshEveryMs);
      else this.refresh();
    }, ms);
  }

  #changed() {
    if (!this.#stopped) this.dispatchEvent(new Event('changed'));
  }

  #key(what) {
    return `banter.${what}.${this.#userId}`;
  }

  #read(what) {
    try {
      return JSON.parse(this.#storage.getItem(this.#key(what)));
    } catch {
      return null;
    }
  }

  #write(what, value) {
    try {
      this.#storage.setItem(this.#key(what), JSON.stringify(value));
    } catch {
      // Storage is full or forbidden: this page remembers it while it is open.
    }
  }
}
