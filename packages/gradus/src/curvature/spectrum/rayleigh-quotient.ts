import { checkLength } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkLimit, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import { type OperatorOrMatrix, symmetricOperatorOf } from "../../linalg/operator/matrix-operator.ts";
import { projectOut } from "../../linalg/orthogonalize.ts";
import { axpy, dot, norm2 } from "../../linalg/vector.ts";
import type { Objective, ValueAndGradient } from "../../objectives/objective.ts";
import { strongWolfe } from "../../optimize/line-search/strong-wolfe.ts";
import { randomStream } from "../../random/stream.ts";

/** One step of the search: s = x' - x, y = gradient' - gradient. */
interface Correction {
  readonly s: Float64Array;
  readonly y: Float64Array;
}

/** The state of the search, plain data. */
export interface RayleighQuotientState extends ValueAndGradient {
  readonly x: Float64Array;
  /** Oldest first. */
  readonly corrections: readonly Correction[];
  readonly products: number;
  /** Whether the line search found no better point. */
  readonly stalled: boolean;
}

/** What an iterate of the search reports. */
export interface RayleighQuotientView {
  /** v^T A v / v^T v. */
  readonly quotient: number;
  /** v / |v|. */
  readonly vector: Float64Array;
  /** Largest |entry| of the quotient's gradient at the unnormalized point. */
  readonly gradientNorm: number;
  /** Products with A so far. */
  readonly products: number;
  readonly done: boolean;
}

export interface RayleighQuotientOptions extends MethodOptions<RayleighQuotientState> {
  readonly which?: "largest" | "smallest";
  /** The search ends when no |entry| of the gradient exceeds this; absolute, so scale it to small eigenvalues. */
  readonly tolerance?: number;
  /** Number of corrections that L-BFGS keeps. */
  readonly memory?: number;
  /** Orthonormal eigenvectors already found: the search stays orthogonal to them. */
  readonly found?: readonly Float64Array[];
  readonly seed?: number;
}

/** -B g, where B is the inverse Hessian of L-BFGS (Nocedal & Wright 2006, algorithm 7.4). */
function lbfgsDirection(
  gradient: Float64Array,
  corrections: readonly Correction[],
): Float64Array<ArrayBuffer> {
  const q = gradient.map((value) => -value);
  const weights = corrections.map(() => 0);
  for (let k = corrections.length - 1; k >= 0; k--) {
    const { s, y } = corrections[k];
    weights[k] = dot(s, q) / dot(s, y);
    axpy(-weights[k], y, q);
  }
  const last = corrections.at(-1);
  const scale = last
    ? dot(last.s, last.y) / dot(last.y, last.y)
    : Math.min(1, 1 / Math.max(norm2(gradient), Number.MIN_VALUE));
  for (let i = 0; i < q.length; i++) q[i] *= scale;
  corrections.forEach(({ s, y }, k) => {
    axpy(weights[k] - dot(y, q) / dot(s, y), s, q);
  });
  return q;
}

/**
 * An extreme eigenpair by optimizing the Rayleigh quotient  r(v) = v^T A v / v^T v  with L-BFGS from a Gaussian start;
 * its gradient is  2 (A v - r v) / v^T v.  A baseline: `extremeEigenpairs` needs a fraction of the products.
 * Source: the code published with Sagun et al. 2017, which differentiates the quotient instead.
 *
 * @param matrix A, symmetric, n x n: a matrix, or an operator with `symmetric: true`
 * @throws ArgumentError when A is not symmetric, memory is not an integer >= 1, or `found` spans the whole space
 * @throws ConvergenceError when a product is not finite
 */
export function rayleighQuotientSearch(
  matrix: OperatorOrMatrix,
  options: RayleighQuotientOptions = {},
): Method<Iterate<RayleighQuotientState> & RayleighQuotientView> {
  const A = symmetricOperatorOf("A", matrix);
  const n = A.rows;
  checkOptions("rayleighQuotientSearch", options, [
    "which",
    "tolerance",
    "memory",
    "found",
    "seed",
    "resume",
    "signal",
  ]);
  const { which = "largest", tolerance = 1e-5, memory = 10, found = [], seed = 0, resume, signal } = options;
  checkOneOf(["largest", "smallest"], { which });
  checkLimit({ tolerance });
  checkPositiveInteger({ memory });
  if (!Array.isArray(found))
    throw new ArgumentError(`found must be an array of vectors, got ${shown(found)}`);
  for (const [k, vector] of found.entries()) checkLength(`found[${k}]`, vector, n);
  if (found.length >= n)
    throw new ArgumentError(`found must have fewer than ${n} vectors, got ${found.length}`);
  const sign = which === "largest" ? -1 : 1;
  let products = 0;

  async function valueAndGradient(x: Float64Array): Promise<ValueAndGradient> {
    const v = x.slice();
    projectOut(v, found);
    const gradient = new Float64Array(n);
    await A.apply(v, gradient);
    products += 1;
    const square = dot(v, v);
    const quotient = dot(v, gradient) / square;
    if (!Number.isFinite(quotient))
      throw new ConvergenceError(`the Rayleigh quotient is ${quotient} after ${products} products`);
    for (let i = 0; i < n; i++) gradient[i] = (sign * 2 * (gradient[i] - quotient * v[i])) / square;
    projectOut(gradient, found);
    return { value: sign * quotient, gradient };
  }
  const objective: Objective = {
    dimension: n,
    valueAndGradient,
    value: async (x) => (await valueAndGradient(x)).value,
    gradient: async (x) => (await valueAndGradient(x)).gradient,
  };

  return iterates<RayleighQuotientState, RayleighQuotientView>(
    {
      fields: { x: n, value: undefined, gradient: n, corrections: undefined, products: undefined },
      async start() {
        products = 0;
        const x = randomStream(seed).fillNormal(new Float64Array(n));
        return { x, ...(await valueAndGradient(x)), corrections: [], products, stalled: false };
      },
      async step(state) {
        products = state.products;
        const { x, value, gradient, corrections } = state;
        const direction = lbfgsDirection(gradient, corrections);
        const found = await strongWolfe(objective, { x, value, gradient, direction });
        if (found.status !== "accepted" || !found.gradient) return { ...state, products, stalled: true };
        const next = found.gradient;
        const s = found.x.map((entry, i) => entry - x[i]);
        const y = next.map((entry, i) => entry - gradient[i]);
        const kept = dot(s, y) > 0 ? [...corrections, { s, y }].slice(-memory) : corrections;
        return {
          x: found.x,
          value: found.value,
          gradient: next,
          corrections: kept,
          products,
          stalled: false,
        };
      },
      view({ x, value, gradient, products, stalled }) {
        const length = norm2(x);
        const gradientNorm = gradient.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
        return {
          quotient: sign * value,
          vector: x.map((entry) => entry / length),
          gradientNorm,
          products,
          done: stalled || gradientNorm <= tolerance,
        };
      },
    },
    { resume, signal },
  );
}
