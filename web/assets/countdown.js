// Counts whole seconds down to a moment, telling each one, then calls `done` once.

export class Countdown {
  #timer = 0;

  // until: milliseconds since 1970; tick(secondsLeft) is called at once and then every second.
  start(until, tick, done = () => {}) {
    this.stop();
    const step = () => {
      const left = until - Date.now();
      if (left <= 0) {
        this.#timer = 0;
        done();
        return;
      }
      const seconds = Math.ceil(left / 1000);
      tick(seconds);
      this.#timer = setTimeout(step, left - (seconds - 1) * 1000);
    };
    step();
  }

  get running() {
    return this.#timer !== 0;
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}
