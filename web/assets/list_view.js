// The side of the page: the user's own number, the form that starts a conversation, and the list.

import {Countdown} from './countdown.js';
import {element, find, setText} from './dom.js';
import {Form} from './form.js';
import {notice} from './notice.js';
import {badge, namesOf} from './person.js';
import {sentenceFor} from './plain_words.js';

const badgesMax = 2;
// The server allows 1,000 members; nobody types more than this by hand.
const numbersMax = 100;

class WrongNumbers extends Error {}

// The user numbers in what somebody typed: anything that is no digit separates.
export function numbersIn(text, ownNumber) {
  if (/[^\d\s,;.+&#/-]/.test(text)) throw new WrongNumbers('Numbers only, like 12 or 12, 15.');
  const numbers = [...new Set((text.match(/\d+/g) ?? []).map(Number))];
  if (numbers.length === 0) throw new WrongNumbers('Enter the number of somebody.');
  if (numbers.some((number) => !Number.isSafeInteger(number) || number < 1)) {
    throw new WrongNumbers('User numbers start at 1.');
  }
  if (numbers.length > numbersMax) throw new WrongNumbers(`At most ${numbersMax} people at once.`);
  const others = numbers.filter((number) => number !== ownNumber);
  if (others.length === 0) throw new WrongNumbers('That is your own number. You need theirs.');
  return others;
}

export function badgesOf(people) {
  if (people.length > 0) return people.slice(0, badgesMax).map(badge);
  return [element('span', {class: 'badge blank', 'aria-hidden': 'true'}, '#')];
}

export class ListView {
  #open;
  #form;
  #user = null;
  #conversations = null;
  #countdown = new Countdown();
  #current = null;
  #off = null;

  // open(id) is called when a conversation was created.
  constructor(open) {
    this.#open = open;
    this.#form = new Form(find('#new-conversation'), {
      submit: (values) => this.#create(values.member_ids),
      explain: (error) => ({member_ids: this.#sentence(error)}),
    });
    find('#copy-number').addEventListener('click', () => this.#copy());
  }

  show(user, conversations) {
    this.#user = user;
    this.#conversations = conversations;
    this.#current = null;
    this.#off = new AbortController();
    setText(find('#own-number'), String(user.id));
    setText(find('#welcome-number'), String(user.id));
    setText(find('#own-email'), user.email);
    conversations.addEventListener('changed', () => this.#draw(), {signal: this.#off.signal});
    this.#draw();
  }

  hide() {
    this.#off?.abort();
    this.#form.reset();
    this.#countdown.stop();
  }

  // The conversation that is open, or null.
  select(id) {
    this.#current = id;
    this.#draw();
  }

  // Puts the keyboard where it was before the conversation was opened.
  focusOn(id) {
    (find(`#conversation-list a[data-id="${id}"]`) ?? find('#member-numbers')).focus();
  }

  async #create(text) {
    const numbers = numbersIn(text, this.#user.id);
    const id = await this.#conversations.create(numbers);
    this.#form.reset();
    this.#open(id);
  }

  #sentence(error) {
    if (error instanceof WrongNumbers) return error.message;
    if (error.kind === 'refused') return 'There is nobody with one of these numbers.';
    return sentenceFor(error);
  }

  #draw() {
    const {ids} = this.#conversations;
    const list = find('#conversation-list');
    const focused = document.activeElement?.closest?.('#conversation-list a')?.dataset.id;
    list.replaceChildren(...(ids ?? []).map((id) => this.#row(id)));
    if (focused) find(`a[data-id="${focused}"]`, list)?.focus();
    this.#drawState();
  }

  #row(id) {
    const people = this.#conversations.peopleOf(id);
    const name = people?.length ? namesOf(people) : `Conversation ${id}`;
    const unknown = people ? 'No one known yet' : 'Not opened here yet';
    const sub = people?.length ? `Conversation ${id}` : unknown;
    const link = element(
        'a', {
          href: `#/${id}`,
          'aria-current': id === this.#current ? 'page' : null,
          dataset: {id},
        },
        element('span', {class: 'badges'}, ...badgesOf(people ?? [])),
        element(
            'span', {class: 'who'}, element('span', {class: 'name'}, name),
            element('span', {class: 'sub'}, sub)),
        people === null ? element('span', {class: 'new-mark'}, 'New') : null);
    return element('li', {}, link);
  }

  #drawState() {
    const line = find('#list-state');
    const {ids, failed, waitingUntil} = this.#conversations;
    this.#countdown.stop();
    if (ids === null && failed) {
      this.#countdown.start(
          waitingUntil, (left) => setText(line, `Your list comes in ${left} s.`),
          () => setText(line, 'Loading…'));
    } else if (ids === null) {
      setText(line, 'Loading…');
    } else if (ids.length === 0) {
      setText(line, 'None yet. Start one with a number, or wait until somebody uses yours.');
    } else {
      setText(line, '');
    }
  }

  async #copy() {
    const text = String(this.#user.id);
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without a secure context there is no clipboard API; the old way needs a selection.
      const range = document.createRange();
      range.selectNodeContents(find('#own-number'));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      if (!document.execCommand('copy')) {
        notice(`Your number is ${text}.`);
        return;
      }
      getSelection().removeAllRanges();
    }
    notice(`Copied. Your number is ${text}.`);
  }
}
