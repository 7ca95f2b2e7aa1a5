// Who uses this window: the tokens of the accounts this browser knows (localStorage, keyed by
// user number) and which of them this window speaks for (sessionStorage), so that two windows can
// be two people. Keeps the access token fresh. Fires "changed" when the window's user changes and
// "ended" (detail: reason) when the server no longer accepts the tokens.

import {ApiError} from './api.js';

const accountsKey = 'banter.accounts';
const newestKey = 'banter.newest';
const windowKey = 'banter.user';
// An access token is replaced this long before it expires.
const refreshAheadMs = 5 * 60 * 1000;
// A token that expires this soon is not used any more.
const leastLifeMs = 30 * 1000;
// A refresh that failed for a passing reason is tried again after this long.
const refreshAgainMs = 60 * 1000;
// setTimeout counts in 32 bits.
const longestTimerMs = 2 ** 31 - 1;

// Milliseconds since 1970 at which the token expires; 0 if it does not say.
export function expiryOf(token) {
  try {
    const claims = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    return JSON.parse(atob(claims)).exp * 1000 || 0;
  } catch {
    return 0;
  }
}

export class Session extends EventTarget {
  #api;
  #lasting;
  #window;
  #refreshing = null;
  #timer = 0;

  constructor(api, {lasting = localStorage, ofWindow = sessionStorage} = {}) {
    super();
    this.#api = api;
    this.#lasting = lasting;
    this.#window = ofWindow;
    if (this.#window.getItem(windowKey) === null) {
      this.#window.setItem(windowKey, this.#lasting.getItem(newestKey) ?? '');
    }
    addEventListener('storage', (event) => {
      if (event.key === accountsKey || event.key === null) this.#accountsChangedElsewhere();
    });
    this.#planRefresh();
  }

  // {id, email, access, refresh} of this window's user, or null.
  get user() {
    return this.#accounts()[this.#window.getItem(windowKey)] ?? null;
  }

  // The accounts this browser holds, newest last.
  get known() {
    return Object.values(this.#accounts());
  }

  signIn({access, refresh, user}) {
    const accounts = this.#accounts();
    accounts[user.id] = {id: user.id, email: user.email, access, refresh};
    this.#store(accounts);
    this.#lasting.setItem(newestKey, String(user.id));
    this.choose(user.id);
  }

  // This window speaks for another account this browser holds, or (null) for nobody yet.
  choose(userId) {
    this.#window.setItem(windowKey, userId === null ? '' : String(userId));
    this.#planRefresh();
    this.dispatchEvent(new Event('changed'));
  }

  // Forgets the tokens of this window's user in the whole browser.
  signOut() {
    const user = this.user;
    if (user) {
      const accounts = this.#accounts();
      delete accounts[user.id];
      this.#store(accounts);
      if (this.#lasting.getItem(newestKey) === String(user.id)) {
        this.#lasting.removeItem(newestKey);
      }
    }
    this.choose(null);
  }

  // The server does not want this user any more; reason is a sentence for the sign-in page.
  end(reason) {
    if (!this.user) return;
    const email = this.user.email;
    this.signOut();
    this.dispatchEvent(new CustomEvent('ended', {detail: {reason, email}}));
  }

  // A token with some life in it. Throws ApiError.
  async accessToken() {
    const user = this.user;
    if (!user) throw new ApiError('unauthorized');
    const expiry = expiryOf(user.access);
    if (expiry === 0 || expiry - this.#serverNow() > leastLifeMs) return user.access;
    return this.refresh(user.access);
  }

  // Replaces the access token that was refused, unless that has happened meanwhile (another
  // window shares it). One request at a time. Ends the session when the server says no.
  refresh(refused) {
    const user = this.user;
    if (!user) return Promise.reject(new ApiError('unauthorized'));
    if (refused && user.access !== refused) return Promise.resolve(user.access);
    this.#refreshing ??= this.#fetchToken(user).finally(() => {
      this.#refreshing = null;
      this.#planRefresh();
    });
    return this.#refreshing;
  }

  async #fetchToken(user) {
    try {
      const {access} = await this.#api.refreshToken(user.refresh);
      const accounts = this.#accounts();
      if (accounts[user.id]) {
        accounts[user.id].access = access;
        this.#store(accounts);
      }
      return access;
    } catch (error) {
      const refused = error.kind === 'unauthorized' || error.kind === 'refused';
      if (refused && this.user?.id === user.id) {
        this.end('Your session has ended. Please log in again.');
      }
      throw error;
    }
  }

  #planRefresh() {
    clearTimeout(this.#timer);
    const user = this.user;
    const expiry = user ? expiryOf(user.access) : 0;
    if (!expiry) return;
    // Short-lived tokens are replaced at half of what is left, and never in a tight loop.
    const left = expiry - this.#serverNow();
    const wait = left > 2 * refreshAheadMs ? left - refreshAheadMs : Math.max(left / 2, 15000);
    this.#timer = setTimeout(() => this.#refreshAhead(), Math.min(wait, longestTimerMs));
  }

  async #refreshAhead() {
    const user = this.user;
    if (!user) return;
    if (expiryOf(user.access) - this.#serverNow() > 2 * refreshAheadMs) {
      this.#planRefresh();
      return;
    }
    try {
      await this.refresh(user.access);
    } catch {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#refreshAhead(), refreshAgainMs);
    }
  }

  #accountsChangedElsewhere() {
    if (this.#window.getItem(windowKey) && !this.user) this.choose(null);
    else this.#planRefresh();
  }

  #serverNow() {
    return Date.now() + this.#api.clockOffset;
  }

  #accounts() {
    try {
      return JSON.parse(this.#lasting.getItem(accountsKey)) ?? {};
    } catch {
      return {};
    }
  }

  #store(accounts) {
    this.#lasting.setItem(accountsKey, JSON.stringify(accounts));
  }
}
