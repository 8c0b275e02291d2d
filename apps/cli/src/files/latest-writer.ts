/** In units of the time that a write took: writing takes at most a tenth of the time. */
const PAUSE = 9;

/**
 * Writes the latest of the values it is given, one write at a time: a value that comes while one is under way waits,
 * and takes the place of one that waits already. Nobody waits for it.
 */
export class LatestWriter<T> {
  readonly #write: (value: T) => Promise<unknown>;
  /** Held apart from the value, which may itself be undefined. */
  #waiting: { readonly value: T } | undefined;
  #working: Promise<void> | undefined;
  #hurry: () => void = () => {};
  #ended = false;

  /** @param write may fail: the next value is written all the same */
  constructor(write: (value: T) => Promise<unknown>) {
    this.#write = write;
  }

  /** Has the value written soon. */
  save(value: T): void {
    if (this.#ended) return;
    this.#waiting = { value };
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    while (this.#waiting) {
      const { value } = this.#waiting;
      this.#waiting = undefined;
      const begun = performance.now();
      await this.#write(value).catch(() => undefined);
      if (!this.#ended) await this.#rest((performance.now() - begun) * PAUSE);
    }
    this.#working = undefined;
  }

  #rest(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Writes what waits, without a rest, and takes nothing more. */
  async finish(): Promise<void> {
    this.#ended = true;
    this.#hurry();
    await this.#working;
  }

  /** Drops pending values, waits for the current write, and accepts no more. */
  async stop(): Promise<void> {
    this.#waiting = undefined;
    await this.finish();
  }
}
