import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import { lanczos } from "../../linalg/krylov/lanczos.ts";
import { ritzValues } from "../../linalg/krylov/ritz.ts";
import type { OperatorOrMatrix } from "../../linalg/operator/matrix-operator.ts";
import { symmetricResidentOf } from "../../linalg/operator/resident-operator.ts";
import { randomStream } from "../../random/stream.ts";

/** The Gauss quadrature rule of one probe q: q^T f(A) q = sum_j weights_j f(nodes_j). */
export interface LanczosRule {
  /** Ritz values, ascending. */
  readonly nodes: Float64Array;
  /** Positive weights that sum to 1. */
  readonly weights: Float64Array;
}

export interface LanczosQuadratureOptions extends MethodOptions<LanczosQuadratureState> {
  /** Number of probes after which the method ends. */
  readonly probes?: number;
  /** Lanczos steps per probe, and vectors held in memory. */
  readonly steps?: number;
  readonly seed?: number;
}

/** The state of the quadrature, plain data. */
export interface LanczosQuadratureState {
  readonly rules: readonly LanczosRule[];
  readonly products: number;
}

/** What an iterate of the quadrature reports. */
export interface LanczosQuadratureView {
  /** The rules so far, one per probe. */
  readonly rules: readonly LanczosRule[];
  /** Products with A so far. */
  readonly products: number;
  readonly done: boolean;
}

/**
 * Stochastic Lanczos quadrature for the spectrum of a symmetric A: each iterate adds the rule of one probe q, uniform
 * on the unit sphere, from Lanczos steps with full reorthogonalization,
 *
 *     q^T f(A) q = sum_j gamma_j f(theta_j),  gamma_j = s_1j^2,   whose mean over q is tr f(A) / n,
 *
 * exact for polynomials of degree 2 steps - 1. `spectralDensity` and `spectralMean` compute densities and means from
 * the rules, with standard errors over the probes.
 * Source: Ubaru, Chen & Saad 2017, "Fast estimation of tr(f(A)) via stochastic Lanczos quadrature".
 *
 * @param matrix A, symmetric, n x n: a matrix, or an operator with `symmetric: true`
 * @throws ArgumentError when A is not symmetric, probes or steps is not a positive integer, or an option is unknown
 * @throws ConvergenceError naming the probe and the step where a product is not finite
 */
export function lanczosQuadrature(
  matrix: OperatorOrMatrix,
  options: LanczosQuadratureOptions = {},
): Method<Iterate<LanczosQuadratureState> & LanczosQuadratureView> {
  const A = symmetricResidentOf("A", matrix);
  const n = A.rows;
  checkOptions("lanczosQuadrature", options, ["probes", "steps", "seed", "resume", "signal"]);
  const { probes = 10, steps = 80, seed = 0, resume, signal } = options;
  checkPositiveInteger({ probes, steps });
  const stream = randomStream(seed).split("probes");

  async function ruleOf(probe: number): Promise<LanczosRule> {
    const start = stream.split(probe).fillNormal(new Float64Array(n));
    for await (const iterate of lanczos(A, { start, signal })) {
      if (iterate.iteration < Math.min(steps, n) && !iterate.invariant) continue;
      const { values, weights } = ritzValues(iterate);
      return { nodes: values, weights };
    }
    throw new ArgumentError("A must have at least one row");
  }

  return iterates<LanczosQuadratureState, LanczosQuadratureView>(
    {
      fields: ["rules", "products"],
      start: () => ({ rules: [], products: 0 }),
      async step({ rules, products }, probe) {
        const rule = await ruleOf(probe).catch((cause: unknown) => {
          if (!(cause instanceof ConvergenceError)) throw cause;
          throw new ConvergenceError(`probe ${probe}: ${cause.message}`, { cause });
        });
        return { rules: [...rules, rule], products: products + rule.nodes.length };
      },
      view: (state, iteration) => ({ ...state, done: iteration >= probes }),
    },
    { resume, signal },
  );
}
