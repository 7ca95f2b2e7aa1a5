// The HTTP API of the server: one method per endpoint, one error type for everything that is not
// a success. Remembers until when a throttled scope is closed, so that the page waits instead of
// knocking again. Does not retry and does not touch the DOM.

const answerTimeoutMs = 15000;
// What to wait when the server says "later" without saying when.
const defaultRetrySeconds = 2;

// kind: "network" (no answer), "throttled" (429), "unavailable" (503), "failed" (any other 5xx),
// "unauthorized" (401), "refused" (any other 4xx). retryAfter is in seconds and set for throttled
// and unavailable.
export class ApiError extends Error {
  constructor(kind, {status = 0, body = {}, retryAfter = 0} = {}) {
    super(body.detail || body.error || kind);
    this.kind = kind;
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

export class Api {
  #fetch;
  #now;
  #session = null;
  #closedUntil = new Map();
  // Server clock minus ours, in milliseconds, from the last answer: token expiry is server time.
  clockOffset = 0;

  constructor({fetch = (...args) => globalThis.fetch(...args), now = () => Date.now()} = {}) {
    this.#fetch = fetch;
    this.#now = now;
  }

  // The session supplies access tokens: accessToken(), and refresh() after a 401.
  useSession(session) {
    this.#session = session;
  }

  signUp(fields) {
    return this.#call('signup', 'POST', '/api/users/signup', fields);
  }

  logIn(email, password) {
    return this.#call('login', 'POST', '/api/users/login', {email, password});
  }

  refreshToken(refresh) {
    return this.#call('login', 'POST', '/api/users/token/refresh', {refresh});
  }

  async createConversation(memberIds) {
    const answer = await this.#callAsUser(
        'conversations', 'POST', '/api/chat/conversations', {member_ids: memberIds});
    return answer.conversation_id;
  }

  async listConversations() {
    const answer =
        await this.#callAsUser('conversations', 'GET', '/api/chat/conversations/list');
    return answer.conversations.map((conversation) => conversation.id);
  }

  // before and after are exclusive sequence numbers; the answer is {messages, head?, epoch?}.
  history(conversationId, query = {}) {
    const parameters = new URLSearchParams(query);
    return this.#callAsUser(
        'history', 'GET', `/api/chat/conversations/${conversationId}/history?${parameters}`);
  }

  async #callAsUser(scope, method, path, body) {
    const token = await this.#session.accessToken();
    try {
      return await this.#call(scope, method, path, body, token);
    } catch (error) {
      if (!(error instanceof ApiError) || error.kind !== 'unauthorized') throw error;
      const fresh = await this.#session.refresh(token);
      return this.#call(scope, method, path, body, fresh);
    }
  }

  async #call(scope, method, path, body, token) {
    const closedFor = (this.#closedUntil.get(scope) ?? 0) - this.#now();
    if (closedFor > 0) {
      throw new ApiError('throttled', {status: 429, retryAfter: Math.ceil(closedFor / 1000)});
    }
    const headers = {Accept: 'application/json'};
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (token) headers.Authorization = `Bearer ${token}`;
    let response;
    let answer = {};
    try {
      response = await this.#fetch(path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: 'no-store',
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
      answer = await response.json();
    } catch (error) {
      if (!response || response.ok) throw new ApiError('network');
    }
    this.#readClock(response);
    if (response.ok) return answer;
    throw this.#refusal(scope, response, answer);
  }

  #readClock(response) {
    const date = Date.parse(response.headers.get('Date') ?? '');
    if (!Number.isNaN(date)) this.clockOffset = date - this.#now();
  }

  #refusal(scope, response, body) {
    const status = response.status;
    const retryAfter = Number(response.headers.get('Retry-After')) || defaultRetrySeconds;
    if (status === 429) {
      this.#closedUntil.set(scope, this.#now() + retryAfter * 1000);
      return new ApiError('throttled', {status, body, retryAfter});
    }
    if (status === 503) return new ApiError('unavailable', {status, body, retryAfter});
    if (status >= 500) return new ApiError('failed', {status, body});
    return new ApiError(status === 401 ? 'unauthorized' : 'refused', {status, body});
  }
}
