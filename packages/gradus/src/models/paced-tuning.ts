import type { Method } from "../iterate/iterate.ts";
import type { TuneIterate, TuneRun, Tuner } from "./tuner.ts";

/** One call of the compiled loop takes about so long: between two calls tuning tells its progress and can be stopped. */
const CALL_MILLISECONDS = 250;

/**
 * Tunes in calls of as many steps as take a quarter of a second, of one step at least: what shows the progress of long
 * epochs and can be stopped soon, without the cost of a call for each step. How long a step takes decides where iterates
 * within epochs come, and never their numbers.
 */
export async function* pacedTuning(tuner: Tuner, run: Omit<TuneRun, "stepsPerIterate">): Method<TuneIterate> {
  let { resume } = run;
  let steps = 1;
  for (let known = false; ; known = true) {
    let next: TuneIterate | undefined;
    let begun: number | undefined;
    for await (const iterate of tuner.train({ ...run, resume, stepsPerIterate: steps })) {
      const spent = begun === undefined ? CALL_MILLISECONDS : performance.now() - begun;
      // The iterate gone on from comes once more.
      if (begun !== undefined || !known) yield iterate;
      begun = performance.now();
      const wanted =
        2 * spent < CALL_MILLISECONDS
          ? 2 * steps
          : spent > 2 * CALL_MILLISECONDS
            ? Math.ceil(steps / 2)
            : steps;
      // An epoch's last call may be short, and it may have measured.
      if (!iterate.partial || wanted === steps) continue;
      steps = wanted;
      next = iterate;
      break;
    }
    if (!next) return;
    resume = next;
  }
}
