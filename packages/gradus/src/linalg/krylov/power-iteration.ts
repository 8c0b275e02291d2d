import { ArgumentError } from "../../check/errors.ts";
import { checkLimit } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../../iterate/iterate.ts";
import { copyState, type InPlaceStepper, iteratesInPlace } from "../../iterate/iterate-in-place.ts";
import { randomStream } from "../../random/stream.ts";
import { type OperatorOrMatrix, operatorOf } from "../operator/matrix-operator.ts";
import { checkSquare } from "../square.ts";
import { dot, norm2 } from "../vector.ts";
import { checkFinite, checkVector } from "./linear-system.ts";

export interface PowerIterationOptions extends MethodOptions<PowerIterationState> {
  /** First vector, normalized; by default Gaussian of the given seed. */
  readonly start?: Float64Array;
  readonly seed?: number;
  /** Ends when ||A v - value v|| <= tolerance |value|. */
  readonly tolerance?: number;
}

/** Plain data from which the method continues. */
export interface PowerIterationState {
  vector: Float64Array;
  /** A times the vector. */
  product: Float64Array;
}

/** What an iterate of the power iteration shows. */
export interface PowerIterationView {
  /** Rayleigh quotient v^T A v. */
  readonly value: number;
  /** ||A v - value v||. */
  readonly residualNorm: number;
  readonly done: boolean;
}

/** An iterate of the power iteration: what it shows, and its vector, computed when it is read. */
export type PowerIterationIterate = Iterate<PowerIterationState> &
  PowerIterationView & { /** Unit vector v. */ readonly vector: Float64Array };

/**
 * Power iteration  v <- A v / ||A v||  for the eigenvalue largest in size and its eigenvector; the error falls by
 * |lambda_2 / lambda_1| a step, and not at all where two eigenvalues share the largest size with opposite signs.
 *
 * @param matrix A, n x n: a matrix or an operator
 * @throws ArgumentError, DataError when something does not fit, is not finite, `start` is 0, or an option is unknown
 * @throws ConvergenceError when a product is not finite
 */
export function powerIteration(
  matrix: OperatorOrMatrix,
  options: PowerIterationOptions = {},
): Method<PowerIterationIterate> {
  const A = operatorOf("A", matrix);
  const n = checkSquare(A);
  checkOptions("powerIteration", options, ["start", "seed", "tolerance", "resume", "signal"]);
  const { start, seed = 0, tolerance = 1e-8, resume, signal } = options;
  checkLimit({ tolerance });
  if (start) {
    checkVector("start", start, n);
    if (norm2(start) === 0) throw new ArgumentError("start must not be 0");
  }

  const stepper: InPlaceStepper<PowerIterationState, PowerIterationView, { vector: Float64Array }> = {
    fields: { vector: n, product: n },
    async start() {
      const vector = start ? Float64Array.from(start) : randomStream(seed).fillNormal(new Float64Array(n));
      const length = norm2(vector);
      for (let i = 0; i < n; i++) vector[i] /= length;
      const product = new Float64Array(n);
      const pending = A.apply(vector, product);
      if (pending) await pending;
      return { vector, product };
    },
    advance({ vector, product }) {
      const length = norm2(product);
      for (let i = 0; i < n; i++) vector[i] = product[i] / length;
      return A.apply(vector, product);
    },
    view({ vector, product }, iteration) {
      const value = checkFinite("the Rayleigh quotient", dot(vector, product), iteration);
      let squares = 0;
      for (let i = 0; i < n; i++) squares += (product[i] - value * vector[i]) ** 2;
      const residualNorm = Math.sqrt(squares);
      return { value, residualNorm, done: residualNorm <= tolerance * Math.abs(value) };
    },
    lazy: { vector: (work) => work.vector.slice() },
    copy: copyState,
  };
  return iteratesInPlace(stepper, { resume, signal });
}
