import { ConvergenceError } from "../../check/errors.ts";
import { checkIntegerWithin } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import { type OperatorOrMatrix, symmetricOperatorOf } from "../../linalg/operator/matrix-operator.ts";
import { orthogonalize } from "../../linalg/orthogonalize.ts";
import { dot, norm2 } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";
import {
  accumulate,
  fillSigns,
  standardErrorOf,
  type TraceState,
  type TraceView,
} from "./hutchinson-trace.ts";

/** The state of the estimate, plain data. */
export interface HutchPlusPlusState {
  /** An orthonormal basis Q of the sketched range. */
  readonly basis: readonly Float64Array[];
  /** tr Q^T A Q over the basis vectors multiplied so far. */
  readonly captured: number;
  /** The trace estimate on the orthogonal complement of Q. */
  readonly rest: TraceState;
}

export interface HutchPlusPlusOptions extends MethodOptions<HutchPlusPlusState> {
  /** Total products with A: a third each for the sketch, its trace, and probes of the complement. */
  readonly products: number;
  readonly seed?: number;
}

/** A sketched vector whose remainder is relatively smaller than this lies in the span of the earlier ones. */
const DEPENDENT = 1e-12;

/**
 * Hutch++: the trace of a symmetric A, exact on a sketch Q of its range plus Hutchinson's estimate on the complement,
 *
 *     tr A = tr Q^T A Q + E z^T (I - Q Q^T) A (I - Q Q^T) z,
 *
 * one iterate per product. The error falls as 1/products instead of 1/sqrt(products) if few eigenvalues dominate the
 * trace. The estimate is NaN until the first probe of the complement.
 * Source: Meyer, Musco, Musco & Woodruff 2021, "Hutch++: optimal stochastic trace estimation", algorithm 1.
 *
 * @param matrix A, symmetric, n x n: a matrix, or an operator with `symmetric: true`
 * @throws ArgumentError unless A is square and symmetric and products is an integer >= 3
 * @throws ConvergenceError naming the product that is not finite
 */
export function hutchPlusPlusTrace(
  matrix: OperatorOrMatrix,
  options: HutchPlusPlusOptions,
): Method<Iterate<HutchPlusPlusState> & TraceView> {
  const A = symmetricOperatorOf("A", matrix);
  const n = A.rows;
  checkGivenOptions("hutchPlusPlusTrace", options, ["products", "seed", "resume", "signal"]);
  const { products, seed = 0, resume, signal } = options;
  checkIntegerWithin(3, Number.POSITIVE_INFINITY, { products });
  const third = Math.min(Math.floor(products / 3), n);
  const stream = randomStream(seed).split("hutch++");
  const probesAt = (iteration: number): number => Math.max(0, iteration - 2 * third);

  async function multiply(z: Float64Array, iteration: number): Promise<Float64Array> {
    const out = new Float64Array(n);
    await A.apply(z, out);
    for (const value of out)
      if (!Number.isFinite(value))
        throw new ConvergenceError(`product ${iteration} of A is not finite: ${value}`);
    return out;
  }

  async function step(state: HutchPlusPlusState, iteration: number): Promise<HutchPlusPlusState> {
    const { basis, captured, rest } = state;
    const z = fillSigns(stream.split(iteration), new Float64Array(n));
    if (iteration < third) {
      const sketched = await multiply(z, iteration);
      const before = norm2(sketched);
      orthogonalize(sketched, basis);
      const length = norm2(sketched);
      if (length <= DEPENDENT * before) return state;
      return { ...state, basis: [...basis, sketched.map((value) => value / length)] };
    }
    if (iteration < 2 * third) {
      const q = basis[iteration - third];
      return q ? { ...state, captured: captured + dot(q, await multiply(q, iteration)) } : state;
    }
    orthogonalize(z, basis);
    const draw = dot(z, await multiply(z, iteration));
    return { ...state, rest: accumulate(rest, draw, probesAt(iteration) + 1) };
  }

  return iterates<HutchPlusPlusState, TraceView>(
    {
      fields: ["basis", "captured", "rest"],
      start: () => ({ basis: [], captured: 0, rest: { mean: 0, squares: 0 } }),
      step,
      view: ({ captured, rest }, iteration) => ({
        estimate: probesAt(iteration) === 0 ? Number.NaN : captured + rest.mean,
        standardError: standardErrorOf(rest, probesAt(iteration)),
        products: iteration,
        done: iteration >= products,
      }),
    },
    { resume, signal },
  );
}
