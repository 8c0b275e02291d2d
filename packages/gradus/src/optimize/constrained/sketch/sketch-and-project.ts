import { ConvergenceError } from "../../../check/errors.ts";
import { checkAtLeast } from "../../../check/numbers.ts";
import { checkOptions } from "../../../check/options.ts";
import type { Iterate, Method } from "../../../iterate/iterate.ts";
import { type InPlaceStepper, iteratesInPlace } from "../../../iterate/iterate-in-place.ts";
import {
  type LinearSystemOptions,
  linearSystemOptions,
  residualThreshold,
} from "../../../linalg/krylov/linear-system.ts";
import type { LinearSystemSolution } from "../../../linalg/krylov/linear-system-solution.ts";
import { checkFiniteDense, isSparse } from "../../../linalg/matrix.ts";
import { checkCsr } from "../../../linalg/sparse/build.ts";
import {
  type RandomState,
  type RandomStream,
  randomStream,
  randomStreamFrom,
} from "../../../random/stream.ts";
import type { SketchKind, SketchMaker, SystemMatrix } from "./contract.ts";
import { checkSketch, makeProjector, type SketchRun, sketchRun } from "./solver.ts";

export interface SketchAndProjectOptions extends LinearSystemOptions<SketchAndProjectState> {
  /** How sketches are drawn, by name or as a custom maker. */
  readonly sketch?: SketchKind | SketchMaker;
  /** Columns of a block sketch; about sqrt(rows) by default. */
  readonly sketchSize?: number;
  /** The method ends after this many steps. */
  readonly maxSteps?: number;
  readonly seed?: number;
}

/** Plain data from which the method continues. */
export interface SketchAndProjectState {
  x: Float64Array;
  steps: number;
  flops: number;
  /** Sweeps until the next measurement. */
  ahead: number;
  random: RandomState;
}

/** What an iterate shows: one after each measurement of the residual, 1 to 32 sweeps of as many steps as A has rows. */
export interface SketchAndProjectView {
  /** ||A x - b||, measured anew. */
  readonly residualNorm: number;
  readonly steps: number;
  /** Multiplications and additions up to here, measurements included. */
  readonly flops: number;
  /** Numbers kept beside A, b and x. */
  readonly storage: number;
  readonly outcome: "converged" | "max-steps" | undefined;
  readonly done: boolean;
  /** Whether ||A x - b|| is within the tolerance. */
  readonly converged: boolean;
}

/** An iterate z of sketch-and-project, with the state from which it continues. */
export type SketchAndProjectIterate = Iterate<SketchAndProjectState> &
  SketchAndProjectView &
  LinearSystemSolution;

/**
 * Sketch and project for a consistent system A x = b: the nearest point to x that satisfies the sketched equations,
 *
 *     x <- x - A^T S (S^T A A^T S)^+ S^T (A x - b),   S drawn anew at each step.
 *
 * E ||x_j - x*||^2 <= (1 - gamma)^j ||x_0 - x*||^2, gamma the least positive eigenvalue of
 * E[A^T S (S^T A A^T S)^+ S^T A]; for "kaczmarz-weighted" gamma = sigma_min(A)^2 / ||A||_F^2. A Kaczmarz step costs
 * 4 columns flops, and nothing is kept but x and the row lengths. The residual is measured anew, never
 * updated, so it does not drift: half way to where its decay promises the tolerance, after 32 sweeps at the latest.
 * Source: Gower & Richtarik 2015, "Randomized iterative methods for linear systems".
 *
 * @param A rows x columns, dense or by compressed rows; rows of zeros are never chosen
 * @param b rows numbers
 * @throws ArgumentError, DataError when something does not fit or is not finite
 * @throws ConvergenceError when the residual overflows
 */
export function sketchAndProject(
  A: SystemMatrix,
  b: Float64Array,
  options: SketchAndProjectOptions = {},
): Method<SketchAndProjectIterate> {
  const { sketch = "kaczmarz", sketchSize, maxSteps = Number.POSITIVE_INFINITY, seed = 0 } = options;
  if (isSparse(A)) checkCsr(A);
  else checkFiniteDense("A", A);
  const { rows, columns } = A;
  const threshold = residualThreshold({ rows, columns, apply() {} }, b, options);
  const size = checkSketch(sketch, sketchSize, rows);
  checkOptions("sketchAndProject", options, [
    "sketch",
    "sketchSize",
    "maxSteps",
    "seed",
    ...linearSystemOptions,
  ]);
  if (maxSteps !== Number.POSITIVE_INFINITY) checkAtLeast(1, { maxSteps });
  const { x0, resume, signal } = options;
  const first = randomStream(seed).state;

  interface Running {
    readonly run: SketchRun;
    readonly stream: RandomStream;
    readonly before: { readonly steps: number; readonly flops: number };
  }
  let running: Running | undefined;
  /** The run that overwrites `work.x`: begun at the first call. */
  function runOf(work: SketchAndProjectState): Running {
    if (running) return running;
    const stream = randomStreamFrom(work.random);
    const run = sketchRun(A, b, work.x, makeProjector(A, b, stream, sketch, size), { ahead: work.ahead });
    // where one is resumed from, the residual was measured before, and counted
    const counted = work.flops === 0 ? 0 : run.flops;
    running = { run, stream, before: { steps: work.steps, flops: work.flops - counted } };
    return running;
  }
  const stepper: InPlaceStepper<SketchAndProjectState, SketchAndProjectView, LinearSystemSolution> = {
    fields: { x: columns, steps: undefined, flops: undefined, ahead: undefined, random: undefined },
    start: () => ({
      x: x0 ? Float64Array.from(x0) : new Float64Array(columns),
      steps: 0,
      flops: 0,
      ahead: 1,
      random: first,
    }),
    advance(work) {
      const { run, stream, before } = runOf(work);
      run.advance(maxSteps - work.steps, threshold);
      if (!Number.isFinite(run.residualNorm))
        throw new ConvergenceError(`the residual is ${run.residualNorm} after ${work.steps} steps`);
      work.steps = before.steps + run.steps;
      work.flops = before.flops + run.flops;
      work.ahead = run.ahead;
      work.random = stream.state;
    },
    view(work) {
      const { residualNorm, storage } = runOf(work).run;
      const { steps, flops } = work;
      const converged = residualNorm <= threshold;
      const outcome = converged ? "converged" : steps >= maxSteps ? "max-steps" : undefined;
      return { residualNorm, steps, flops, storage, outcome, done: outcome !== undefined, converged };
    },
    lazy: { x: ({ x }) => x.slice() },
    copy: ({ x, ...rest }) => ({ x: x.slice(), ...rest }),
  };
  return iteratesInPlace(stepper, { resume, signal });
}
