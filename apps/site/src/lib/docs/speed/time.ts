// Times of functions that take from microseconds to seconds, on a machine that does other things too.

export interface TimingOptions {
  /** Milliseconds; injected by tests. */
  readonly now?: () => number;
  /** A clock of a page may be as coarse as 0.1 ms: shorter calls are timed together. */
  readonly sampleMilliseconds?: number;
  readonly budgetMilliseconds?: number;
}

/** Milliseconds of one call of each of two functions: the least of samples taken in turn, after a call that warms up. */
export function timePair(
  a: () => void,
  b: () => void,
  { now = () => performance.now(), sampleMilliseconds = 10, budgetMilliseconds = 800 }: TimingOptions = {},
): readonly [number, number] {
  const functions = [a, b] as const;
  const counts = functions.map((call) => {
    call();
    const begun = now();
    call();
    return Math.max(1, Math.ceil(sampleMilliseconds / Math.max(now() - begun, sampleMilliseconds / 1000)));
  });
  const least: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const begun = now();
  do {
    functions.forEach((call, which) => {
      const start = now();
      for (let k = 0; k < counts[which]; k++) call();
      least[which] = Math.min(least[which], (now() - start) / counts[which]);
    });
  } while (now() - begun < budgetMilliseconds);
  return least;
}
