import { firstNonFinite } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkBoolean, checkFunction, checkGivenOptions, checkOneOf } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import { checkDense, checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { type RandomState, randomStream, randomStreamFrom } from "../../random/stream.ts";
import { checkProcess, type ForwardProcess, type PointFunction } from "../processes/contract.ts";
import { denoisedFromScore } from "../processes/marginals.ts";
import { type ReverseRule, type ReverseRuleName, reverseRules } from "./rules.ts";
import { descendingTimes } from "./time-grid.ts";

/** Plain data from which a run in reverse time continues. */
export interface ReverseDiffusionState {
  /** n x d. */
  readonly points: Float64Array;
  readonly random: RandomState;
}

export interface ReverseDiffusionOptions extends MethodOptions<ReverseDiffusionState> {
  /** Where the particles start at the first time, n x d, in the process's own space. */
  readonly start: DenseMatrix;
  /** Steps of equal length from the end of the window to its start; 100 by default. */
  readonly steps?: number;
  /** The times instead, descending, in the window. */
  readonly times?: Float64Array;
  /** How a step moves the particles, by name or a rule of one's own. */
  readonly rule?: ReverseRuleName | ReverseRule;
  /** Ends with the estimate of the clean points at the last time, as one more iterate. */
  readonly denoise?: boolean;
  readonly seed: number;
}

/** An iterate of a run in reverse time. */
export interface ReverseDiffusionIterate extends Iterate<ReverseDiffusionState> {
  /** The time reached; 0 for denoised points. */
  readonly time: number;
  /** n x d. */
  readonly points: DenseMatrix;
}

/** A score whose answers are checked: of the right size, and finite. */
function checkedScore(score: PointFunction) {
  return async (time: number, points: DenseMatrix): Promise<Float64Array> => {
    const answer = await score(time, points);
    checkDense("the score", answer);
    if (answer.rows !== points.rows || answer.columns !== points.columns)
      throw new ArgumentError(
        `the score must be ${points.rows} x ${points.columns} like the points, got ${answer.rows} x ${answer.columns}`,
      );
    const k = firstNonFinite(answer.values);
    if (k >= 0) {
      const row = Math.floor(k / points.columns);
      const at = points.values.subarray(
        row * points.columns,
        row * points.columns + Math.min(points.columns, 4),
      );
      throw new ConvergenceError(
        `the score must be finite, got ${answer.values[k]} at time ${time} for particle ${row}, which starts with (${at.join(", ")})`,
      );
    }
    return answer.values;
  };
}

/**
 * Particles that follow a forward process back in time from noise to data, one iterate a step. With
 * `rule: "euler-maruyama"` (the default) a step is Euler-Maruyama of the reverse-time equation, "exponential" solves it
 * exactly for a held score, and "probability-flow" is Heun's method on the deterministic flow with the same marginals.
 * A seed gives the same particles in every run, and a run resumes bit for bit.
 *
 * @param score the score of the process's law, or an estimate of it, n x d to n x d
 * @throws ArgumentError when times do not descend inside the window, start is not a matrix, the score has another size,
 *   or an option is unknown
 * @throws DataError when a number of start is not finite
 * @throws ConvergenceError naming time and particle when a score or a particle is not finite
 */
export async function* reverseDiffusion(
  process: ForwardProcess,
  score: PointFunction,
  options: ReverseDiffusionOptions,
): Method<ReverseDiffusionIterate> {
  checkGivenOptions("reverseDiffusion", options, [
    "start",
    "steps",
    "times",
    "rule",
    "denoise",
    "seed",
    "resume",
    "signal",
  ]);
  const { start, rule = "euler-maruyama", denoise = false, seed, resume, signal } = options;
  checkProcess(process);
  checkFunction({ score });
  checkFiniteDense("start", start);
  checkBoolean({ denoise });
  if (typeof rule === "string") checkOneOf(Object.keys(reverseRules), { rule });
  else if (typeof rule?.step !== "function")
    throw new ArgumentError(`rule must be a rule or the name of one, got ${shown(rule)}`);
  const moves: ReverseRule = typeof rule === "string" ? reverseRules[rule] : rule;
  const times = descendingTimes(process, options.steps, options.times ?? "uniform", 100);
  const { rows, columns } = start;
  const last = times.length - 1;
  const checked = checkedScore(score);
  const matrix = (values: Float64Array): DenseMatrix => ({ rows, columns, values });
  yield* iterates<ReverseDiffusionState, Omit<ReverseDiffusionIterate, "iteration" | "state">>(
    {
      fields: { points: rows * columns, random: undefined },
      start: () => ({ points: start.values.slice(), random: randomStream(seed).state }),
      async step(state, iteration) {
        const points = matrix(state.points);
        if (iteration === last) {
          const t = times[last];
          const s = matrix(await checked(t, points));
          return { points: denoisedFromScore(process, s, t, points).values, random: state.random };
        }
        const stream = randomStreamFrom(state.random);
        const noise = new Float64Array(moves.stochastic ? rows * columns : 0);
        stream.fillNormalZiggurat(noise);
        const [from, to] = [times[iteration], times[iteration + 1]];
        const moved = await moves.step({ process, from, to, points, noise, score: checked });
        if (!(moved instanceof Float64Array) || moved.length !== points.values.length)
          throw new ArgumentError(
            `rule.step must return a Float64Array of ${points.values.length} numbers, got ${shown(moved)}`,
          );
        const k = firstNonFinite(moved);
        if (k >= 0)
          throw new ConvergenceError(
            `particle ${Math.floor(k / columns)} is ${moved[k]} after the step from time ${from} to ${to}: take smaller steps`,
          );
        return { points: moved, random: stream.state };
      },
      view: ({ points }, iteration) => ({
        time: iteration > last ? 0 : times[iteration],
        points: matrix(points),
        done: iteration === last + (denoise ? 1 : 0),
      }),
    },
    { resume, signal },
  );
}
