/** Counts this far or farther below the largest are treated as already received. */
const WIDTH = 1024;

/**
 * Tracks which counts of a sender were received: each is admitted once, in any order, unless it is 1024 or more below
 * the largest. A sliding window as in IPsec (Kent 2005, RFC 4303, section 3.4.3).
 */
export class ReplayWindow {
  #largest = Number.NEGATIVE_INFINITY;
  readonly #heard = new Set<number>();

  /** Whether the count is new; marks it as received. */
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
