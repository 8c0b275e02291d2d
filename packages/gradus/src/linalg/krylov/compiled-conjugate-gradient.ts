import { copyState } from "../../iterate/iterate-in-place.ts";
import type { CompiledSystem, CompiledVectors } from "../operator/contract.ts";
import { norm2 } from "../vector.ts";
import type { ConjugateGradientState, ConjugateGradientStepper } from "./conjugate-gradient-state.ts";
import { checkedRho, checkFinite, residualAt } from "./linear-system.ts";

/** sum_i w_i x_i^2. */
function weightedSquares(w: Float64Array, x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += w[i] * x[i] * x[i];
  return sum;
}

/**
 * Conjugate gradients whose vectors live in WebAssembly memory: the arrays of the state are brought up to date when the
 * state or a vector is read, and when the method ends, which gives the memory back.
 *
 * @param vectorsOf makes the vectors
 */
export function compiledStepper(
  vectorsOf: () => CompiledVectors,
  { A, b, x0, threshold, preconditioner }: CompiledSystem,
): ConjugateGradientStepper {
  let vectors: CompiledVectors | undefined;
  let live: ConjugateGradientState | undefined;
  let product = 0;

  function load(work: ConjugateGradientState): CompiledVectors {
    vectors ??= vectorsOf();
    vectors.load(work);
    live = work;
    return vectors;
  }

  function turn(vectors: CompiledVectors, work: ConjugateGradientState, beta: number): void {
    const turned = vectors.turn(beta);
    work.squaredLength = turned.squaredLength;
    product = turned.product;
  }

  /** The state's arrays as they are in WebAssembly memory. */
  function upToDate(work: ConjugateGradientState): ConjugateGradientState {
    if (work === live) vectors?.read(work);
    return work;
  }

  /** One of the state's vectors as it is in WebAssembly memory, of which nothing else is copied. */
  function copyOf(name: "x" | "direction", work: ConjugateGradientState): Float64Array<ArrayBuffer> {
    if (work !== live || !vectors) return work[name].slice();
    const vector = new Float64Array(A.rows);
    vectors.read({ [name]: vector });
    return vector;
  }

  function end(work: ConjugateGradientState): void {
    upToDate(work);
    live = undefined;
    vectors?.release?.();
    vectors = undefined;
  }

  return {
    async start() {
      const residual = await residualAt(A, b, x0);
      const residualNorm = checkFinite("the residual", norm2(residual), 0);
      const work: ConjugateGradientState = {
        x: x0 ? Float64Array.from(x0) : new Float64Array(A.rows),
        residual,
        direction: new Float64Array(A.rows),
        rho: checkedRho(
          preconditioner ? weightedSquares(preconditioner, residual) : residualNorm ** 2,
          residualNorm > threshold,
        ),
        squaredLength: 0,
        residualNorm,
        curvature: undefined,
        largestCurvature: 0,
        outcome: undefined,
      };
      if (residualNorm > threshold) turn(load(work), work, 0);
      return work;
    },
    advance(work, iteration) {
      if (work !== live || !vectors) product = load(work).product();
      if (!vectors) throw new Error("unreachable: the vectors are loaded");
      const curvature = checkFinite("d^T A d", product, iteration) / work.squaredLength;
      const previous = work.largestCurvature;
      work.curvature = curvature;
      work.largestCurvature = Math.max(previous, Math.abs(curvature));
      if (!(curvature > Number.EPSILON * previous)) {
        work.outcome = "nonpositive-curvature";
        end(work);
        return;
      }
      const squares = vectors.step(work.rho / (curvature * work.squaredLength));
      work.residualNorm = Math.sqrt(checkFinite("the residual", squares, iteration));
      const rho = checkedRho(
        preconditioner ? (vectors.preconditioned ?? Number.NaN) : squares,
        work.residualNorm > threshold,
      );
      const beta = work.rho === 0 ? 0 : rho / work.rho;
      work.rho = rho;
      turn(vectors, work, beta);
      if (work.residualNorm <= threshold) end(work);
    },
    view({ residualNorm, curvature, outcome }) {
      const converged = residualNorm <= threshold;
      const reason = outcome ?? (converged ? "converged" : undefined);
      return { residualNorm, curvature, outcome: reason, done: reason !== undefined, converged };
    },
    lazy: {
      x: (work) => copyOf("x", work),
      direction: (work) => copyOf("direction", work),
    },
    copy: (work) => copyState(upToDate(work)),
  };
}
