import { ArgumentError } from "../../check/errors.ts";
import { checkLimit, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { truncatedConjugateGradient } from "../../linalg/krylov/truncated-conjugate-gradient.ts";
import { norm2 } from "../../linalg/vector.ts";
import { armijo } from "../../optimize/line-search/armijo.ts";
import type { TargetSurrogate } from "../surrogate.ts";
import type { InnerResult, InnerSolver } from "./contract.ts";

export interface InnerGaussNewtonOptions {
  /** Most pairs of products J v, J^T w per step. */
  readonly products?: number;
  /** Multiple of the identity added to the matrix (Levenberg 1944, Marquardt 1963). */
  readonly damping?: number;
  /**
   * The inner solve ends at |grad S| <= this, 1e-6 by default: absolute, in the units of the loss over those of theta. Give
   * a smaller one for targets in small units.
   */
  readonly gradientTolerance?: number;
}

/** The Gauss-Newton direction d: (scale J^T W J + damping I) d = -gradient, by conjugate gradients. */
async function direction(
  { map, scale, counts }: TargetSurrogate,
  at: { theta: Float64Array; gradient: Float64Array; weights: Float64Array },
  { products, damping }: { products: number; damping: number },
): Promise<Float64Array> {
  const { theta, gradient, weights } = at;
  const matrix = {
    rows: map.dimension,
    columns: map.dimension,
    symmetric: true,
    async apply(v: Float64Array, out: Float64Array) {
      const moved = await map.pushforward(theta, v.slice());
      counts.pushforward += 1;
      counts.pullback += 1;
      out.set(
        await map.pullback(
          theta,
          moved.map((z, j) => scale * weights[j] * z),
        ),
      );
      for (let k = 0; k < out.length; k++) out[k] += damping * v[k];
    },
  };
  const system = truncatedConjugateGradient(
    matrix,
    gradient.map((g) => -g),
    { relativeTolerance: 1e-10 },
  );
  let found: Float64Array = gradient.map((g) => -g);
  for await (const { x, iteration } of system) {
    if (iteration > 0) found = x;
    if (iteration === products) break;
  }
  return found;
}

/**
 * Gauss-Newton on the surrogate, the nonlinear least-squares problem min |f(theta) - (z_t - eta g)|^2: directions by
 * conjugate gradients, step sizes by Armijo backtracking from 1. One step is exact for a linear model.
 *
 * @throws ArgumentError naming the option that is out of range
 */
export function innerGaussNewton(options: InnerGaussNewtonOptions = {}): InnerSolver {
  checkOptions("innerGaussNewton", options, ["products", "damping", "gradientTolerance"]);
  const { products = 50, damping = 0, gradientTolerance = 1e-6 } = options;
  checkPositiveInteger({ products });
  checkLimit({ damping, gradientTolerance });
  return async (surrogate, { steps }): Promise<InnerResult> => {
    const { objective, model } = surrogate;
    const { weights } = model;
    if (weights === undefined)
      throw new ArgumentError('inner "gaussNewton" needs a quadratic proximal term, not "kl"');
    let { theta } = surrogate;
    let stepSize = Number.NaN;
    let gradientNorm = Number.NaN;
    for (let step = 0; step < steps; step++) {
      const { value, gradient } = await objective.valueAndGradient(theta);
      const length = norm2(gradient);
      if (step === 0) gradientNorm = length;
      const end = (status: InnerResult["status"]) => ({ theta, status, steps: step, stepSize, gradientNorm });
      if (!Number.isFinite(length) || !Number.isFinite(value)) return end("not-finite");
      if (length <= gradientTolerance) return end("converged");
      const d = await direction(surrogate, { theta, gradient, weights }, { products, damping });
      const found = await armijo(objective, { x: theta, value, gradient, direction: d });
      if (found.status !== "accepted") return end("stalled");
      stepSize = found.stepSize;
      theta = found.x;
    }
    return { theta, status: "completed", steps, stepSize, gradientNorm };
  };
}
