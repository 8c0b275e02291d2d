import { type EqualityProblem, hessianAt, type PrimalDualPoint } from "./problem.ts";

/** Where a Hessian was formed: plain data, from which it can be formed again. */
export type HessianPlace = Pick<PrimalDualPoint, "x" | "lambda">;

/** The Hessian that a run formed last, n x n, so that its states need only say where. */
export interface LastHessian {
  /** Remembers H and returns its place. */
  remember(point: HessianPlace, H: Float64Array): HessianPlace;
  /** H at a place: as remembered, or in a resumed run formed again, bit for bit, which counts as no evaluation. */
  at(place: HessianPlace, iteration: number): Promise<Float64Array>;
}

/** A memory of one Hessian. */
export function lastHessian(problem: EqualityProblem): LastHessian {
  let last: { readonly place: HessianPlace; readonly H: Float64Array } | undefined;
  return {
    remember({ x, lambda }, H) {
      last = { place: { x, lambda }, H };
      return last.place;
    },
    async at(place, iteration) {
      if (last?.place !== place) {
        const uncounted = { objective: 0, constraints: 0, gradient: 0, jacobian: 0, hessian: 0 };
        last = { place, H: await hessianAt(problem, place, uncounted, iteration) };
      }
      return last.H;
    },
  };
}
