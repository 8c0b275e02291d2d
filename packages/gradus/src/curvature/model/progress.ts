/** The progress of a long computation. */
export interface Progress {
  /** From 0 to 1. */
  readonly fraction: number;
  /** What is being computed. */
  readonly stage: string;
}

/**
 * Turns a computation that reports progress through a callback into an iterator of its latest progress; the last item
 * carries the result. Leaving the loop early aborts the computation.
 *
 * @throws what the computation throws; the signal's reason
 */
export async function* withProgress<T>(
  compute: (report: (progress: Progress) => void, signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): AsyncGenerator<Progress & { readonly result?: T }, void, void> {
  signal?.throwIfAborted();
  const left = new AbortController();
  const both = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
  let latest: Progress | undefined;
  let wake: () => void = () => undefined;
  let ended = false;
  const work = compute((progress) => {
    latest = progress;
    wake();
  }, both).finally(() => {
    ended = true;
    wake();
  });
  work.catch(() => undefined); // rethrown below, unless the loop is left early
  try {
    while (!ended) {
      const next = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (latest === undefined && !ended) await next;
      signal?.throwIfAborted();
      if (latest !== undefined) {
        const progress = latest;
        latest = undefined;
        yield progress;
      }
    }
    yield { fraction: 1, stage: "done", result: await work };
  } finally {
    left.abort(new Error("the iteration was left"));
    await work.catch(() => undefined);
  }
}
