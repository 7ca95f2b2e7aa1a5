// What every form of the page does: send once, show errors beside the field that caused them,
// and when the server says "later", count down and then go on by itself (unless the person
// changed something meanwhile). The form in the page needs a .label in its submit button, a
// .form-wait line, for each field #<id of the field>-error, and maybe a .form-error for the rest.

import {Countdown} from './countdown.js';
import {find, setText} from './dom.js';
import {wordsFor} from './moment.js';

export class Form {
  #form;
  #submit;
  #explain;
  #button;
  #label;
  #wait;
  #words;
  #countdown = new Countdown();
  #busy = false;
  #edited = false;

  // submit(values) does the work and may throw ApiError; explain(error) gives {field: sentence},
  // with the field '' for the form as a whole.
  constructor(form, {submit, explain}) {
    this.#form = form;
    this.#submit = submit;
    this.#explain = explain;
    this.#button = find('button[type="submit"]', form);
    this.#label = find('.label', this.#button);
    this.#words = this.#label.textContent;
    this.#wait = find('.form-wait', form);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (!this.#countdown.running) this.#run();
    });
    form.addEventListener('input', (event) => {
      this.#edited = true;
      this.#mark(event.target, '');
    });
  }

  // Back to how it was when the page was opened, with these values.
  reset(values = {}) {
    this.#countdown.stop();
    this.#form.reset();
    this.#clear();
    this.#idle();
    for (const [name, value] of Object.entries(values)) this.#form.elements[name].value = value;
  }

  // Stops waiting for the server, as when the form is put away.
  stop() {
    this.#countdown.stop();
    this.#idle();
  }

  async #run() {
    if (this.#busy) return;
    this.#clear();
    this.#edited = false;
    this.#busy = true;
    this.#button.classList.add('busy');
    this.#button.setAttribute('aria-disabled', 'true');
    try {
      await this.#submit(Object.fromEntries(new FormData(this.#form)));
      this.#busy = false;
      this.#idle();
    } catch (error) {
      this.#busy = false;
      this.#idle();
      if (error.retryAfter > 0) this.#waitAndGoOn(error);
      else this.#show(this.#explain(error));
    }
  }

  #waitAndGoOn(error) {
    const until = Date.now() + error.retryAfter * 1000;
    const seconds = wordsFor(error.retryAfter);
    this.#button.setAttribute('aria-disabled', 'true');
    const why = error.kind === 'throttled' ? 'The server takes only a few of these a minute.'
                                           : 'The server is busy.';
    setText(this.#wait, `${why} This goes on by itself in ${seconds}.`);
    this.#countdown.start(
        until, (left) => setText(this.#label, `Waiting ${left} s`), () => {
          this.#idle();
          if (!this.#edited) this.#run();
        });
  }

  #idle() {
    this.#button.classList.remove('busy');
    this.#button.removeAttribute('aria-disabled');
    setText(this.#label, this.#words);
    setText(this.#wait, '');
  }

  #clear() {
    for (const input of this.#form.elements) this.#mark(input, '');
    const whole = find('.form-error', this.#form);
    if (whole) setText(whole, '');
  }

  #show(sentences) {
    let first = null;
    for (const [name, sentence] of Object.entries(sentences)) {
      const input = name ? this.#form.elements[name] : null;
      const whole = find('.form-error', this.#form);
      if (input) this.#mark(input, sentence);
      else if (whole) setText(whole, sentence);
      first ??= input;
    }
    first?.focus();
  }

  #mark(input, sentence) {
    const line = input.id ? find(`#${input.id}-error`, this.#form) : null;
    if (!line) return;
    setText(line, sentence);
    if (sentence) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
  }
}
