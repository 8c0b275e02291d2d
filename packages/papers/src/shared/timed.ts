import type { Iterate, Method } from "gradus/iterate";

/** An iterate, and the seconds that its method has taken so far. */
export interface Timed<I> {
  readonly iterate: I;
  readonly seconds: number;
}

/** The iterates of a method with its own running time: the caller's time between iterates does not count. */
export async function* timed<I extends Iterate>(method: Method<I>): AsyncGenerator<Timed<I>, void, void> {
  let seconds = 0;
  try {
    for (;;) {
      const start = performance.now();
      const next = await method.next();
      seconds += (performance.now() - start) / 1000;
      if (next.done) return;
      yield { iterate: next.value, seconds };
    }
  } finally {
    await method.return();
  }
}
