/** Counts below the largest by this much or more are taken for heard. */
const WIDTH = 1024;

/**
 * Remembers which counts of a sender were heard: each is admitted once, in any order, unless it is 1024 or more behind
 * the largest. A sliding window as in IPsec (Kent 2005, RFC 4303, section 3.4.3).
 */
export class ReplayWindow {
  #largest = Number.NEGATIVE_INFINITY;
  readonly #heard = new Set<number>();

  /** Whether the count is new; it is not a second time. */
  admit(count: number): boolean {
    if (!Number.isSafeInteger(count) || count <= this.#largest - WIDTH || this.#heard.has(count))
      return false;
    this.#heard.add(count);
    if (count > this.#largest) {
      this.#largest = count;
      for (const old of this.#heard) if (old <= count - WIDTH) this.#heard.delete(old);
    }
    return true;
  }
}
