/** How many requests are answered at once, and how many wait. */
export interface ConcurrencyLimits {
  readonly running: number;
  readonly waiting: number;
}

/** A place among the requests being answered; given back once. */
export type Release = () => void;

/** Admits a number of requests at once, queues a number of others, and refuses the rest. */
export interface ConcurrencyLimiter {
  /** Resolves to a place, or at once to undefined when too many wait already. */
  acquire(): Promise<Release | undefined>;
  readonly running: number;
  readonly waiting: number;
  /** How many were refused so far. */
  readonly rejected: number;
}

/**
 * A bounded queue: beyond it a refusal now is better than an answer nobody waits for. First come, first served.
 */
export function concurrencyLimiter(limits: ConcurrencyLimits): ConcurrencyLimiter {
  let running = 0;
  let refused = 0;
  const queue: (() => void)[] = [];
  const place = (): Release => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    };
  };
  return {
    async acquire() {
      if (running < limits.running) running += 1;
      else if (queue.length >= limits.waiting) {
        refused += 1;
        return undefined;
      } else await new Promise<void>((resolve) => queue.push(resolve));
      return place();
    },
    get running() {
      return running;
    },
    get waiting() {
      return queue.length;
    },
    get rejected() {
      return refused;
    },
  };
}
