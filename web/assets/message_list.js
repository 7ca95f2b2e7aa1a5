// The messages of a conversation as a list in the page: grouped by author, parted by days.
// Keeps the document in step with what it is told; knows nothing of where messages come from.

import {element, find, icon, setText} from './dom.js';
import {dayOf, isoOf, sameDay, timeOf} from './moment.js';
import {badge, nameOf} from './person.js';
import {sendFailure} from './plain_words.js';

// Messages of one author this close together are one group.
const groupSeconds = 5 * 60;

function body(author, text, meta) {
  return element(
      'div', {class: 'body'}, element('p', {class: 'author'}, author),
      element('div', {class: 'bubble'}, element('p', {class: 'text'}, text)), meta);
}

export class MessageList {
  #list;
  #ownId;
  #rows = [];

  constructor(list, ownId) {
    this.#list = list;
    this.#ownId = ownId;
    list.replaceChildren();
  }

  get length() {
    return this.#rows.length;
  }

  replace(messages) {
    this.#list.replaceChildren();
    this.#rows = [];
    this.#append(messages);
  }

  append(messages) {
    for (const row of this.#append(messages)) row.item.classList.add('fresh');
    this.#nameDays();
  }

  prepend(messages) {
    if (messages.length === 0) return;
    const after = this.#rows[0] ?? null;
    const rows = messages.map((message) => this.#row(message));
    this.#list.prepend(...rows.map((row) => row.item));
    this.#rows = [...rows, ...this.#rows];
    rows.forEach((row, i) => this.#join(rows[i - 1] ?? null, row));
    if (after) this.#join(rows.at(-1), after);
  }

  // Takes the oldest away.
  dropFirst(count) {
    for (const row of this.#rows.splice(0, count)) {
      row.day?.remove();
      row.item.remove();
    }
    if (this.#rows.length > 0) this.#join(null, this.#rows[0]);
  }

  #append(messages) {
    const before = this.#rows.at(-1) ?? null;
    const rows = messages.map((message) => this.#row(message));
    this.#list.append(...rows.map((row) => row.item));
    rows.forEach((row, i) => this.#join(rows[i - 1] ?? before, row));
    this.#rows.push(...rows);
    return rows;
  }

  #row(message) {
    const own = message.user_id === this.#ownId;
    const meta = element(
        'p', {class: 'meta'},
        element('time', {datetime: isoOf(message.ts)}, timeOf(message.ts)));
    if (own) meta.append(icon('check'), element('span', {class: 'unseen'}, 'stored'));
    const item = element(
        'li', {
          class: own ? 'message own first last' : 'message first last',
          dataset: {seq: message.id, state: 'stored'},
        },
        own ? null : badge(message.user_id),
        body(own ? 'You' : nameOf(message.user_id), message.text, meta));
    return {message, item, day: null};
  }

  // Settles what two neighbours mean to each other: a day between them, or one group.
  #join(above, below) {
    const newDay = !above || !sameDay(above.message.ts, below.message.ts);
    if (newDay && !below.day) {
      below.day = element(
          'li', {class: 'day', dataset: {ts: below.message.ts}}, dayOf(below.message.ts));
      below.item.before(below.day);
    } else if (!newDay && below.day) {
      below.day.remove();
      below.day = null;
    }
    const grouped = !newDay && above.message.user_id === below.message.user_id &&
        below.message.ts - above.message.ts < groupSeconds;
    below.item.classList.toggle('first', !grouped);
    above?.item.classList.toggle('last', !grouped);
  }

  // "Today" does not stay true.
  #nameDays() {
    for (const day of this.#list.querySelectorAll('.day')) {
      const name = dayOf(Number(day.dataset.ts));
      if (day.textContent !== name) day.textContent = name;
    }
  }
}

// What is not delivered yet, below the messages.
export class OutgoingList {
  #list;
  #items = new Map();
  #actions;

  // actions: {edit(clientId), discard(clientId), again(clientId)}
  constructor(list, actions) {
    this.#list = list;
    this.#actions = actions;
    list.replaceChildren();
  }

  // live: whether there is a line to send on; held: seconds until the server takes more, or 0.
  show(entries, {live, held}) {
    const kept = new Map();
    for (const entry of entries) {
      const look = `${entry.state}/${entry.reason ?? ''}`;
      let shown = this.#items.get(entry.clientId);
      if (shown?.look !== look) {
        const item = this.#item(entry);
        if (shown) shown.item.replaceWith(item);
        else this.#list.append(item);
        shown = {look, item};
      }
      const words = find('.words', shown.item);
      if (words) setText(words, live && held ? `Sending in ${held} s` : live ? 'Sending' : 'Kept');
      kept.set(entry.clientId, shown);
    }
    for (const [clientId, shown] of this.#items) {
      if (!kept.has(clientId)) shown.item.remove();
    }
    this.#items = kept;
  }

  #item(entry) {
    const failed = entry.state === 'failed';
    const meta = element('p', {class: 'meta'});
    if (failed) {
      const {clientId} = entry;
      meta.append(
          icon('alert'), sendFailure(entry.reason),
          element('button', {type: 'button', onclick: () => this.#actions.edit(clientId)}, 'Edit'),
          element(
              'button', {type: 'button', onclick: () => this.#actions.discard(clientId)},
              'Discard'));
    } else if (entry.state === 'sent') {
      meta.append(icon('check'), element('span', {class: 'unseen'}, 'stored'));
    } else {
      meta.append(icon('clock'), element('span', {class: 'words'}, 'Sending'));
    }
    const look = failed ? 'failed' : entry.state === 'sent' ? 'sent' : 'pending';
    return element(
        'li', {
          class: `message own first last ${look}`,
          dataset: {client: entry.clientId, state: entry.state},
        },
        body('You', entry.text, meta));
  }
}
