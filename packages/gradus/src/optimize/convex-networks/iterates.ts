import { checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegativeInteger, checkPositive, checkWithin } from "../../check/numbers.ts";
import { checkBoolean, checkGivenOptions, checkOneOf } from "../../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../../iterate/iterate.ts";
import { copyState, type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import {
  balance,
  checkResiduals,
  clipInputs,
  lengthOf,
  residualUnit,
  type SplittingState,
  shrinkBlocks,
  startingState,
} from "./admm-state.ts";
import { blockUpdate } from "./block-update.ts";
import { type GroupedWeights, type ReluNetwork, recoverNetwork } from "./network.ts";
import { dualOfOutputs, totalLoss } from "./output-loss.ts";
import { type PatternSystem, patternSystem } from "./pattern-system.ts";
import type { ActivationPatterns } from "./patterns.ts";
import { type CheckedProblem, checkProblem, type NetworkProblem, problemOptions } from "./problem.ts";
import { rowRange, zeroMatrix } from "./products.ts";

/** How u is updated: by a linear system that is solved exactly, or by random block coordinate descent. */
export type SplittingUpdate = "exact" | "block-coordinate";

/** Choices of the splitting method, all of which have a default. */
export interface SplittingOptions {
  readonly update?: SplittingUpdate;
  /**
   * The penalty rho > 0 of the splitting: max(0.1, beta), with beta over the unit of targets of the squared loss, which is a
   * power of 16. Blocks stay 0 for long where beta / rho is large. It is in the units of the squares of x, which should be
   * standardized.
   */
  readonly rho?: number;
  /** Step of the scaled duals, in (0, 2). */
  readonly dualStep?: number;
  /** Over-relaxation, in (0, 2): 1 is none, 1.6 is often faster. */
  readonly relaxation?: number;
  /** Whether rho follows the residuals for the first 1000 iterations. */
  readonly balance?: boolean;
  /**
   * Ends the method when residuals relative to 1 + |u| + |s| are at most this; with the squared loss, |y| replaces the 1
   * where it is smaller.
   */
  readonly tolerance?: number;
  /** Seed of the random blocks. */
  readonly seed?: number;
}

const splittingOptions = ["update", "rho", "dualStep", "relaxation", "balance", "tolerance", "seed"] as const;

export interface ConvexNetworkOptions
  extends NetworkProblem,
    SplittingOptions,
    MethodOptions<SplittingState> {
  /** Of the design: of x with a last column of ones where there is an intercept. */
  readonly patterns: ActivationPatterns;
}

/** What an iterate shows at once. */
export interface ConvexNetworkView {
  /** |u - v| + |G u - s| (+ |F u - outputs|). */
  readonly primalResidual: number;
  /** rho (|change of v| + |change of s|). */
  readonly dualResidual: number;
  readonly rho: number;
  /**
   * Multiplications and additions of the products with the design and of the triangular solves so far. The update
   * `exact` takes 12 n d P + 6 d^2 P + 2 n^2 an iteration with the squared loss; its factorizations, one for each rho,
   * are not counted.
   */
  readonly flops: number;
}

/** What an iterate computes when it is read. */
export interface ConvexNetworkFigures {
  /** The blocks v_i and w_i, with exact zeros. */
  readonly weights: GroupedWeights;
  /** sum_k phi(sum_i d_ik x_k^T (v_i - w_i), y_k) + beta sum_i (|v_i| + |w_i|). */
  readonly objective: number;
  /** max(0, -min over rows and blocks of (2d_ik - 1) x_k^T v_i). */
  readonly violation: number;
  /** Blocks that are not 0. */
  readonly activeBlocks: number;
  /** The network of the blocks. */
  readonly network: ReluNetwork;
  /** n numbers: a point for the bound of `certifyNetwork`. */
  readonly dual: Float64Array;
}

/** An iterate of the splitting method. */
export type ConvexNetworkIterate = Iterate<SplittingState> & ConvexNetworkView & ConvexNetworkFigures;

/** The power of 16 nearest to the root mean square of targets, so that those of about 1 have the unit 1. */
function targetUnit(y: Float64Array): number {
  const size = lengthOf(y) / Math.sqrt(y.length);
  return size > 0 && Number.isFinite(size) ? 16 ** Math.round(Math.log2(size) / 4) : 1;
}

/** @throws ArgumentError when an option does not fit */
function checkSplitting(
  { loss, y, beta }: CheckedProblem,
  options: SplittingOptions,
): Required<Omit<SplittingOptions, "seed">> & { seed: number } {
  const {
    update = "exact",
    rho = Math.max(0.1, loss.name === "squared" ? beta / targetUnit(y) : beta),
    dualStep = 1,
    relaxation = 1,
    balance = false,
    tolerance = 1e-8,
    seed = 0,
  } = options;
  checkOneOf(["exact", "block-coordinate"], { update });
  checkPositive({ rho, tolerance });
  checkWithin("(0, 2)", { dualStep, relaxation });
  checkBoolean({ balance });
  checkNonNegativeInteger({ seed });
  if (update === "block-coordinate" && loss.smoothness === undefined)
    throw new ArgumentError(`update "block-coordinate" needs a loss with a gradient, got "${loss.name}"`);
  return { update, rho, dualStep, relaxation, balance, tolerance, seed };
}

/** Objective, violation and outputs at blocks v. */
function figuresAt(problem: CheckedProblem, system: PatternSystem, v: DenseMatrix) {
  const signed = zeroMatrix(v.rows, problem.design.rows);
  system.signedInputs(v, signed);
  const outputs = new Float64Array(problem.design.rows);
  system.outputs(signed, outputs);
  let lowest = 0;
  for (const value of signed.values) if (value < lowest) lowest = value;
  let penalty = 0;
  let activeBlocks = 0;
  for (let i = 0; i < v.rows; i++) {
    const size = lengthOf(rowRange(v, i, 1).values);
    penalty += size;
    activeBlocks += Number(size > 0);
  }
  return {
    outputs,
    violation: -lowest,
    activeBlocks,
    objective: totalLoss(problem.loss, outputs, problem.y) + problem.beta * penalty,
  };
}

/**
 * The alternating direction method of multipliers (ADMM) for the convex program of a two-layer ReLU network over
 * activation patterns D_1 .. D_P:
 *
 *     min over v_i, w_i   sum_k phi(sum_i d_ik x_k^T (v_i - w_i), y_k) + beta sum_i (|v_i| + |w_i|)
 *     subject to          (2D_i - I) X v_i >= 0,   (2D_i - I) X w_i >= 0.
 *
 * With all patterns its optimum is that of training a network of any width that is large enough. With u = (v, w) copied
 * as v (penalty) and as s = G u (constraints), scaled duals lambda and nu:
 *
 *     u = argmin  phi(F u) + (rho/2) |u - v + lambda|^2 + (rho/2) |G u - s + nu|^2
 *     v_i = max(1 - beta / (rho |u_i + lambda_i|), 0) (u_i + lambda_i),   s = max(G u + nu, 0)
 *     lambda += dualStep (u - v),   nu += dualStep (G u - s)
 *
 * Update `exact`: u by the linear system of `patternSystem`; the logistic and the hinge loss act on another copy, of the
 * outputs F u. Update `block-coordinate`, for losses with a gradient: u by random block coordinate descent, without a
 * factor of order n. The answer is v, whose blocks are exactly 0 or not; its constraints hold up to `violation`.
 *
 * Source: Bai, Gautam & Sojoudi 2022, "Efficient Global Optimization of Two-layer ReLU Networks", Section 3; the copy of
 * the outputs and the form of the linear system are ours.
 *
 * @throws ArgumentError when an option does not fit
 * @throws DataError naming the place of a number or label that does not fit
 * @throws ConvergenceError when the iteration leaves the range of numbers
 */
export function convexNetworkIterates(options: ConvexNetworkOptions): Method<ConvexNetworkIterate> {
  checkGivenOptions("convexNetworkIterates", options, [
    ...problemOptions,
    ...splittingOptions,
    "patterns",
    "resume",
    "signal",
  ]);
  const problem = checkProblem(options);
  checkMethodOptions(options, ["u", "v", "lambda", "s", "nu", "outputs", "outputDual", "rho", "flops"]);
  return splittingIterates(problem, options.patterns, options);
}

/** The design without its columns of zeros, whose weights are 0 at every optimum, and the places of the others. */
function withoutZeroColumns({ rows, columns, values }: DenseMatrix): {
  design: DenseMatrix;
  places: number[];
} {
  const used = new Array<boolean>(columns).fill(false);
  for (let at = 0; at < values.length; at++) if (values[at] !== 0) used[at % columns] = true;
  // one column is kept for a design of zeros
  const places = used.includes(true) ? Array.from(used.keys()).filter((j) => used[j]) : [0];
  const kept = zeroMatrix(rows, places.length);
  for (let k = 0; k < rows; k++)
    places.forEach((j, i) => {
      kept.values[k * places.length + i] = values[k * columns + j];
    });
  return { design: kept, places };
}

/** `convexNetworkIterates` for what was checked. */
export function splittingIterates(
  given: CheckedProblem,
  patterns: ActivationPatterns,
  options: SplittingOptions & MethodOptions<SplittingState>,
): Method<ConvexNetworkIterate> {
  const chosen = checkSplitting(given, options);
  const { dualStep, relaxation, tolerance } = chosen;
  const { y, loss, beta, intercept } = given;
  const { design, places } = withoutZeroColumns(given.design);
  const problem = { ...given, design };
  const system = patternSystem(design, patterns);
  const { rows: n, columns: d } = design;
  const blocks = 2 * system.patterns.count;
  const copies = chosen.update === "exact" && loss.name !== "squared";
  const { resume } = options;
  if (resume && (resume.state.u.length !== blocks * d || resume.state.s.length !== blocks * n))
    throw new ArgumentError(
      `resume must be a state of this problem, of ${blocks * d} weights, got ${resume.state.u.length}`,
    );
  if (resume) checkLength("resume.state.outputs", resume.state.outputs, copies ? n : 0);

  const right = zeroMatrix(blocks, d);
  const fixed = zeroMatrix(blocks, d);
  const signed = zeroMatrix(blocks, n);
  const slack = zeroMatrix(blocks, n);
  const outputs = new Float64Array(n);
  const target = new Float64Array(n);
  if (!copies) system.outputAdjoint(y, fixed);

  /** u = (I + sigma F^T F + G^T G)^-1 (sigma F^T r + v - lambda + G^T (s - nu)). */
  function exactUpdate({ u, v, lambda, s, nu, rho, outputs: copy, outputDual }: SplittingState): void {
    for (let at = 0; at < s.length; at++) slack.values[at] = s[at] - nu[at];
    system.adjointInPlace(slack, right);
    const sigma = copies ? 1 : 1 / rho;
    if (copies) {
      for (let k = 0; k < n; k++) target[k] = copy[k] - outputDual[k];
      system.outputAdjoint(target, fixed);
    }
    const b = right.values;
    for (let at = 0; at < b.length; at++) b[at] += v[at] - lambda[at] + sigma * fixed.values[at];
    system.solve(right, sigma);
    u.set(b);
  }

  const descend =
    chosen.update === "block-coordinate" ? blockUpdate(problem, system, chosen.seed) : undefined;

  function updateOutputs(state: SplittingState): number {
    const { outputs: copy, outputDual, rho } = state;
    system.outputs(signed, outputs);
    let gap = 0;
    for (let k = 0; k < n; k++) {
      const mixed = relaxation * outputs[k] + (1 - relaxation) * copy[k];
      const next = loss.prox(mixed + outputDual[k], y[k], 1 / rho);
      outputDual[k] += dualStep * (mixed - next);
      gap += (outputs[k] - next) ** 2;
      copy[k] = next;
    }
    return Math.sqrt(gap);
  }

  const weightsOf = ({ v }: SplittingState): DenseMatrix => ({ rows: blocks, columns: d, values: v.slice() });
  const grouped = (state: SplittingState): GroupedWeights => {
    const columns = given.design.columns;
    const all = zeroMatrix(blocks, columns);
    for (let i = 0; i < blocks; i++)
      places.forEach((j, at) => {
        all.values[i * columns + j] = state.v[i * d + at];
      });
    return { positive: rowRange(all, 0, blocks / 2), negative: rowRange(all, blocks / 2, blocks / 2) };
  };

  const stepper: InPlaceStepper<SplittingState, ConvexNetworkView, ConvexNetworkFigures> = {
    start: () => startingState(blocks, d, n, chosen.rho, copies),
    advance(state, iteration) {
      const before = system.flops();
      if (descend) state.flops += descend(state, iteration);
      else exactUpdate(state);
      system.signedInputs({ rows: blocks, columns: d, values: state.u }, signed);
      state.flops += system.flops() - before;
      const outputGap = copies ? updateOutputs(state) : 0;
      const weights = shrinkBlocks(state, d, beta / state.rho, relaxation, dualStep);
      const inputs = clipInputs(state, signed.values, relaxation, dualStep);
      state.primalResidual = Math.sqrt(weights.gap) + Math.sqrt(inputs.gap) + outputGap;
      state.dualResidual = state.rho * (Math.sqrt(weights.move) + Math.sqrt(inputs.move));
      state.scale = residualUnit(problem) + lengthOf(state.u) + lengthOf(state.s);
      checkResiduals(state, iteration + 1);
      if (chosen.balance) balance(state, iteration + 1, [state.lambda, state.nu, state.outputDual]);
    },
    view({ primalResidual, dualResidual, scale, rho, flops }) {
      const done = Math.max(primalResidual, dualResidual) <= tolerance * scale;
      return { primalResidual, dualResidual, rho, flops, done };
    },
    lazy: {
      weights: grouped,
      objective: (state) => figuresAt(problem, system, weightsOf(state)).objective,
      violation: (state) => figuresAt(problem, system, weightsOf(state)).violation,
      activeBlocks: (state) => figuresAt(problem, system, weightsOf(state)).activeBlocks,
      network: (state) => recoverNetwork(grouped(state), { intercept }),
      dual: (state) =>
        copies
          ? state.outputDual.map((value, k) => loss.dualFeasible(-state.rho * value, y[k]))
          : dualOfOutputs(loss, figuresAt(problem, system, weightsOf(state)).outputs, y),
    },
    copy: copyState,
  };
  return iteratesInPlace(stepper, options);
}
