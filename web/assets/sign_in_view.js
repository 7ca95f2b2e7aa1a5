// The door: sign-up and log-in. Hands the tokens to the session and says nothing more.

import {element, find, setText} from './dom.js';
import {Form} from './form.js';
import {badge} from './person.js';
import {logInSentences, signUpSentences} from './plain_words.js';

export class SignInView {
  #api;
  #session;
  #root = find('#sign-in');
  #signUp;
  #logIn;

  constructor(api, session) {
    this.#api = api;
    this.#session = session;
    this.#signUp = new Form(find('#sign-up-form'), {
      submit: (fields) => this.#create(fields),
      explain: signUpSentences,
    });
    this.#logIn = new Form(find('#log-in-form'), {
      submit: async ({email, password}) => session.signIn(await api.logIn(email, password)),
      explain: logInSentences,
    });
    find('#choose-sign-up').addEventListener('click', () => this.#choose('sign-up'));
    find('#choose-log-in').addEventListener('click', () => this.#choose('log-in'));
    for (const button of this.#root.querySelectorAll('.reveal')) {
      button.addEventListener('click', () => this.#reveal(button));
    }
  }

  // notice: a sentence to begin with; email: who is expected back.
  show({notice = '', email = ''} = {}) {
    this.#signUp.reset();
    this.#logIn.reset(email ? {email} : {});
    this.#choose(email || this.#session.known.length > 0 ? 'log-in' : 'sign-up');
    this.#say(notice);
    this.#listKnown();
    this.#root.hidden = false;
    document.title = 'Banter';
    const form = find('form:not([hidden])', this.#root);
    [...form.elements].find((input) => input.name && !input.value)?.focus();
  }

  hide() {
    this.#root.hidden = true;
    this.#signUp.reset();
    this.#logIn.reset();
  }

  async #create(fields) {
    await this.#api.signUp(fields);
    try {
      this.#session.signIn(await this.#api.logIn(fields.email, fields.password));
    } catch {
      // The account exists, only logging in has to wait: go on at the other form.
      this.#choose('log-in');
      this.#logIn.reset({email: fields.email, password: fields.password});
      this.#say('Your account is ready. Log in to begin.');
      find('#log-in-password').focus();
    }
  }

  #choose(which) {
    const logIn = which === 'log-in';
    find('#choose-sign-up').setAttribute('aria-pressed', String(!logIn));
    find('#choose-log-in').setAttribute('aria-pressed', String(logIn));
    find('#sign-up-form').hidden = logIn;
    find('#log-in-form').hidden = !logIn;
    setText(find('#door-title'), logIn ? 'Welcome back' : 'Create your account');
  }

  #say(sentence) {
    const line = find('#door-notice');
    setText(line, sentence);
    line.hidden = sentence === '';
  }

  #listKnown() {
    const accounts = this.#session.known;
    find('#known-accounts').hidden = accounts.length === 0;
    find('#known-accounts ul').replaceChildren(...accounts.map((account) => {
      const choose = () => this.#session.choose(account.id);
      return element('li', {}, element(
          'button', {type: 'button', onclick: choose}, badge(account.id),
          element('span', {class: 'who'}, `Continue as ${account.email}`)));
    }));
  }

  #reveal(button) {
    const input = find(`#${button.getAttribute('aria-controls')}`);
    const shown = input.type === 'text';
    input.type = shown ? 'password' : 'text';
    button.setAttribute('aria-pressed', String(!shown));
  }
}
