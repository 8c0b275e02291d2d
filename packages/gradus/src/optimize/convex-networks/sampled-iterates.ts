import { gemv, residentMatrix } from "@gradus/blas/dense";
import { checkLength } from "../../check/arrays.ts";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkNonNegativeInteger, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../../iterate/iterate.ts";
import { copyState, type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { hiddenFeatures, squaredNormBound, unitDirections } from "./features.ts";
import { networkOfDirections, type ReluNetwork } from "./network.ts";
import { dualOfOutputs, totalLoss } from "./output-loss.ts";
import { type CheckedProblem, checkProblem, type NetworkProblem, problemOptions } from "./problem.ts";

/** Plain data from which the method continues bit for bit. */
export interface SampledState {
  /** N output weights. */
  alpha: Float64Array;
  /** The point from which the next step is made. */
  ahead: Float64Array;
  /** Phi alpha and Phi ahead. */
  outputs: Float64Array;
  aheadOutputs: Float64Array;
  /** FISTA's t; 1 after a restart. */
  momentum: number;
  restarts: number;
}

export interface SampledNetworkOptions extends NetworkProblem, MethodOptions<SampledState> {
  /** N, the number of directions drawn. */
  readonly samples: number;
  /** Ends the method when the duality gap of the sampled program is at most this share of its value. */
  readonly tolerance?: number;
  readonly seed?: number;
}

/** What an iterate shows at once. */
export interface SampledNetworkView {
  /** sum_k phi((Phi alpha)_k, y_k) + beta |alpha|_1. */
  readonly objective: number;
  readonly restarts: number;
}

/** What an iterate computes when it is read. */
export interface SampledNetworkFigures {
  readonly alpha: Float64Array;
  readonly network: ReluNetwork;
  /** At least objective - optimum of the program with these directions. */
  readonly sampledGap: number;
  /** n numbers: a point for the bound of `certifyNetwork`. */
  readonly dual: Float64Array;
}

/** An iterate of the sampled program. */
export type SampledNetworkIterate = Iterate<SampledState> & SampledNetworkView & SampledNetworkFigures;

const CHECK_EVERY = 10;

/** A program  min over alpha  phi(Phi alpha, y) + beta |alpha|_1  with the products that it needs. */
function program({ loss, y, beta }: CheckedProblem, features: DenseMatrix) {
  const Phi = residentMatrix(features);
  return {
    product: (alpha: Float64Array, out: Float64Array) => gemv({ a: Phi, x: alpha, y: out }),
    adjoint: (r: Float64Array, out: Float64Array) => gemv({ a: Phi, transpose: true, x: r, y: out }),
    value: (alpha: Float64Array, outputs: Float64Array) => {
      let norm = 0;
      for (let j = 0; j < alpha.length; j++) norm += Math.abs(alpha[j]);
      return totalLoss(loss, outputs, y) + beta * norm;
    },
    /** The dual value of the outputs' gradient, scaled until |Phi^T nu| <= beta. */
    bound: (outputs: Float64Array, correlations: Float64Array) => {
      const nu = dualOfOutputs(loss, outputs, y);
      gemv({ a: Phi, transpose: true, x: nu, y: correlations });
      let steepest = beta;
      for (let j = 0; j < correlations.length; j++) steepest = Math.max(steepest, Math.abs(correlations[j]));
      let sum = 0;
      for (let k = 0; k < y.length; k++)
        sum += loss.dual(loss.dualFeasible((nu[k] * beta) / steepest, y[k]), y[k]);
      return sum;
    },
  };
}

/**
 * FISTA with restarts for  min over alpha  phi(Phi alpha, y) + beta |alpha|_1:  steps 1/(L |Phi|_2^2), and a restart of the
 * momentum wherever  (ahead - alpha_new)^T (alpha_new - alpha) > 0.
 */
export function fistaIterates(
  problem: CheckedProblem,
  directions: DenseMatrix,
  options: MethodOptions<SampledState> & { readonly tolerance: number; readonly start?: Float64Array },
): Method<SampledNetworkIterate> {
  const { loss, y, beta, design, intercept } = problem;
  if (loss.smoothness === undefined)
    throw new ArgumentError(
      `the sampled program needs a loss with a gradient, got "${loss.name}"; use convexNetworkIterates`,
    );
  const features = hiddenFeatures(design, directions);
  const { product, adjoint, value, bound } = program(problem, features);
  const { rows: n, columns: N } = features;
  const step = 1 / Math.max(Number.MIN_VALUE, loss.smoothness * squaredNormBound(features));
  const { resume, tolerance, start } = options;
  if (resume) checkLength("resume.state.alpha", resume.state.alpha, N);
  const gradient = new Float64Array(N);
  const next = new Float64Array(N);
  const nextOutputs = new Float64Array(n);
  const residual = new Float64Array(n);

  const stepper: InPlaceStepper<SampledState, SampledNetworkView, SampledNetworkFigures> = {
    start() {
      const alpha = start?.slice() ?? new Float64Array(N);
      const outputs = product(alpha, new Float64Array(n));
      return {
        alpha,
        ahead: alpha.slice(),
        outputs,
        aheadOutputs: outputs.slice(),
        momentum: 1,
        restarts: 0,
      };
    },
    advance(state, iteration) {
      const { alpha, ahead, outputs, aheadOutputs } = state;
      for (let k = 0; k < n; k++) residual[k] = loss.derivative(aheadOutputs[k], y[k]);
      adjoint(residual, gradient);
      let turning = 0;
      for (let j = 0; j < N; j++) {
        const moved = ahead[j] - step * gradient[j];
        const soft = Math.max(0, Math.abs(moved) - step * beta);
        next[j] = moved < 0 ? -soft : soft;
        turning += (ahead[j] - next[j]) * (next[j] - alpha[j]);
      }
      if (!Number.isFinite(turning))
        throw new ConvergenceError(`alpha must be finite, got other numbers in iteration ${iteration + 1}`);
      product(next, nextOutputs);
      const restart = turning > 0;
      const momentum = restart ? 1 : (1 + Math.sqrt(1 + 4 * state.momentum ** 2)) / 2;
      const share = restart ? 0 : (state.momentum - 1) / momentum;
      for (let j = 0; j < N; j++) {
        ahead[j] = next[j] + share * (next[j] - alpha[j]);
        alpha[j] = next[j];
      }
      for (let k = 0; k < n; k++) {
        aheadOutputs[k] = nextOutputs[k] + share * (nextOutputs[k] - outputs[k]);
        outputs[k] = nextOutputs[k];
      }
      state.momentum = momentum;
      state.restarts += Number(restart);
    },
    view({ alpha, outputs, restarts }, iteration) {
      const objective = value(alpha, outputs);
      const looked = iteration % CHECK_EVERY === 0;
      const done = looked && objective - bound(outputs, gradient) <= tolerance * objective;
      return { objective, restarts, done };
    },
    lazy: {
      alpha: ({ alpha }) => alpha.slice(),
      network: ({ alpha }) => networkOfDirections(directions, alpha, intercept),
      sampledGap: ({ alpha, outputs }) => value(alpha, outputs) - bound(outputs, gradient),
      dual: ({ outputs }) => dualOfOutputs(loss, outputs, y),
    },
    copy: copyState,
  };
  return iteratesInPlace(stepper, options);
}

/**
 * The sampled convex program: N hidden directions u_j uniform on the unit sphere, and their output weights by
 *
 *     min over alpha   sum_k phi(sum_j (x_k^T u_j)_+ alpha_j, y_k) + beta |alpha|_1,
 *
 * solved by FISTA with gradient restarts (O'Donoghue and Candes, 2015). Its optimum falls to that of training as N grows.
 *
 * @throws ArgumentError when an option does not fit, or the loss has no gradient
 * @throws DataError naming the place of a number or label that does not fit
 * Source: Bai, Gautam & Sojoudi 2022, the section on sampled convex programs.
 */
export function sampledNetworkIterates(options: SampledNetworkOptions): Method<SampledNetworkIterate> {
  checkGivenOptions("sampledNetworkIterates", options, [
    ...problemOptions,
    "samples",
    "tolerance",
    "seed",
    "resume",
    "signal",
  ]);
  const { samples, tolerance = 1e-8, seed = 0, resume, signal } = options;
  checkPositiveInteger({ samples });
  checkPositive({ tolerance });
  checkNonNegativeInteger({ seed });
  const problem = checkProblem(options);
  checkMethodOptions(options, ["alpha", "ahead", "outputs", "aheadOutputs", "momentum", "restarts"]);
  const directions = unitDirections(samples, problem.design.columns, seed);
  return fistaIterates(problem, directions, { tolerance, resume, signal });
}
