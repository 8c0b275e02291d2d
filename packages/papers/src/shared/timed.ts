import type { Iterate, Method } from "gradus/iterate";
import type { Resumed } from "../experiment.ts";

/** The state of a timed method: the method's own, and its running time so far. */
interface TimedState<State> {
  readonly own: State;
  readonly seconds: number;
}

/** An iterate with the seconds that its method has taken so far, those before an interruption included. */
export type Timed<I extends Iterate> = Omit<I, "state"> & {
  readonly state: TimedState<I["state"]>;
  readonly seconds: number;
};

/**
 * The iterates of a method with its own running time: the caller's time between iterates does not count, nor what it
 * takes to continue from an iterate.
 *
 * @param start starts the method, or continues it after one of its iterates
 */
export async function* timed<I extends Iterate>(
  start: (resume?: Resumed) => Method<I>,
  resume?: Pick<Iterate<TimedState<I["state"]>>, "iteration" | "state">,
): Method<Timed<I>> {
  // The state is the one that the method itself gave.
  const method = start(resume && ({ iteration: resume.iteration, state: resume.state.own } as Resumed));
  let seconds = resume?.state.seconds ?? 0;
  let counts = resume === undefined;
  try {
    for (;;) {
      const before = performance.now();
      const next = await method.next();
      if (counts) seconds += (performance.now() - before) / 1000;
      counts = true;
      if (next.done) return;
      const { state: own, ...rest } = next.value;
      yield { ...rest, state: { own, seconds }, seconds };
    }
  } finally {
    await method.return();
  }
}
