// The field in which a message is written: grows with the text, Enter sends, keeps a draft per
// conversation, and says beforehand when a text is too long for the server.

import {find, setText} from './dom.js';

// The server's limit for the text of one message, in bytes of UTF-8.
export const textBytesMax = 8192;
// How many bytes before the limit the count is shown.
const warnBytes = 1024;
// The field grows up to this many pixels (11rem), then it scrolls.
const heightMax = 176;

const encoder = new TextEncoder();

export class Composer {
  #field = find('#message-text');
  #error = find('#composer-error');
  #send;
  #draftKey = '';

  // send(text) returns a sentence if it cannot take the text, else ''.
  constructor(send) {
    this.#send = send;
    find('#composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener('input', () => this.#changed());
  }

  open(draftKey) {
    this.#draftKey = draftKey;
    this.#field.value = this.#draft();
    this.#changed();
  }

  // Not where writing makes no sense, as when the user is no longer in the conversation.
  offer(offered) {
    find('#composer').hidden = !offered;
  }

  // Puts a text back to be corrected, before what is being written.
  take(text) {
    this.#field.value = this.#field.value ? `${text}\n${this.#field.value}` : text;
    this.#changed();
    this.focus();
  }

  focus() {
    this.#field.focus();
  }

  #submit() {
    // A lone half of a surrogate pair cannot be said in UTF-8.
    const raw = this.#field.value.trim();
    const text = raw.toWellFormed ? raw.toWellFormed() : raw;
    if (text === '' || encoder.encode(text).length > textBytesMax) return;
    const refusal = this.#send(text);
    if (refusal) {
      setText(this.#error, refusal);
      return;
    }
    this.#field.value = '';
    this.#changed();
    this.focus();
  }

  #changed() {
    const left = textBytesMax - encoder.encode(this.#field.value.trim()).length;
    if (left < 0) setText(this.#error, `Too long by ${-left} bytes. Send it in parts.`);
    else if (left < warnBytes) setText(this.#error, `Room for ${left} bytes more.`);
    else setText(this.#error, '');
    this.#field.setAttribute('aria-invalid', String(left < 0));
    this.#field.style.height = 'auto';
    this.#field.style.height = `${Math.min(this.#field.scrollHeight, heightMax)}px`;
    this.#keepDraft();
  }

  #draft() {
    try {
      return sessionStorage.getItem(this.#draftKey) ?? '';
    } catch {
      return '';
    }
  }

  #keepDraft() {
    try {
      if (this.#field.value) sessionStorage.setItem(this.#draftKey, this.#field.value);
      else sessionStorage.removeItem(this.#draftKey);
    } catch {
      // No storage, no draft.
    }
  }
}
