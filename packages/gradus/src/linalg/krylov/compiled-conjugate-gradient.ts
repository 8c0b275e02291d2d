import { copyState, type InPlaceStepper } from "../../iterate/iterate-in-place.ts";
import type { CompiledVectors, LinearOperator } from "../operator/contract.ts";
import { norm2 } from "../vector.ts";
import type {
  ConjugateGradientState,
  ConjugateGradientVectors,
  ConjugateGradientView,
} from "./conjugate-gradient-state.ts";
import { checkFinite, residualAt } from "./linear-system.ts";

/**
 * Conjugate gradients whose vectors live in WebAssembly memory: the arrays of the state are brought up to date when the
 * state or a vector is read.
 */
export function compiledStepper(
  A: LinearOperator,
  vectors: CompiledVectors,
  {
    b,
    x0,
    threshold,
  }: { readonly b: Float64Array; readonly x0: Float64Array | undefined; readonly threshold: number },
): InPlaceStepper<ConjugateGradientState, ConjugateGradientView, ConjugateGradientVectors> {
  let live: ConjugateGradientState | undefined;
  let product = 0;

  function turn(work: ConjugateGradientState, beta: number): void {
    const turned = vectors.turn(beta);
    work.squaredLength = turned.squaredLength;
    product = turned.product;
  }

  function load(work: ConjugateGradientState): void {
    vectors.load(work);
    live = work;
  }

  /** The state's arrays as they are in WebAssembly memory. */
  function upToDate(work: ConjugateGradientState): ConjugateGradientState {
    if (work === live) vectors.read(work);
    return work;
  }

  return {
    async start() {
      const residual = await residualAt(A, b, x0);
      const residualNorm = checkFinite("the residual", norm2(residual), 0);
      const work: ConjugateGradientState = {
        x: x0 ? x0.slice() : new Float64Array(A.rows),
        residual,
        direction: new Float64Array(A.rows),
        rho: residualNorm ** 2,
        squaredLength: 0,
        residualNorm,
        curvature: undefined,
        largestCurvature: 0,
        outcome: undefined,
      };
      load(work);
      turn(work, 0);
      return work;
    },
    advance(work, iteration) {
      if (work !== live) {
        load(work);
        product = vectors.product();
      }
      const curvature = checkFinite("d^T A d", product, iteration) / work.squaredLength;
      const previous = work.largestCurvature;
      work.curvature = curvature;
      work.largestCurvature = Math.max(previous, Math.abs(curvature));
      if (!(curvature > Number.EPSILON * previous)) {
        work.outcome = "nonpositive-curvature";
        return;
      }
      const squares = vectors.step(work.rho / (curvature * work.squaredLength));
      work.residualNorm = Math.sqrt(checkFinite("the residual", squares, iteration));
      const beta = work.rho === 0 ? 0 : squares / work.rho;
      work.rho = squares;
      turn(work, beta);
    },
    view({ residualNorm, curvature, outcome }) {
      const reason = outcome ?? (residualNorm <= threshold ? "converged" : undefined);
      return { residualNorm, curvature, outcome: reason, done: reason !== undefined };
    },
    lazy: {
      x: (work) => upToDate(work).x.slice(),
      direction: (work) => upToDate(work).direction.slice(),
    },
    copy: (work) => copyState(upToDate(work)),
  };
}
