import { setTimeout } from "node:timers/promises";

/** Time as requests to others go by it: the real one, also where the site's clock is stopped. */
export interface Timing {
  now(): Date;
  /** Waits; rejects with the signal's reason on abort. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The time of this machine. */
export const machineTiming: Timing = {
  now: () => new Date(),
  async wait(milliseconds, signal) {
    try {
      await setTimeout(milliseconds, undefined, { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
