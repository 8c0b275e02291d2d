import { areFinite } from "../../check/arrays.ts";
import type { Iterate, Method } from "../../iterate/iterate.ts";
import { norm2 } from "../../linalg/vector.ts";
import type { Objective } from "../../objectives/objective.ts";
import type { InnerSolver } from "./contract.ts";

/** Any method on objectives as an inner solver, run for m iterations or until it ends by itself. */
export function innerMethod(
  begin: (objective: Objective, theta: Float64Array) => Method<Iterate & { readonly x: Float64Array }>,
): InnerSolver {
  return async ({ objective, theta: start }, { steps }) => {
    const gradientNorm = norm2(await objective.gradient(start));
    let theta = start;
    let made = 0;
    let converged = false;
    for await (const { x, iteration, done = false } of begin(objective, start)) {
      theta = x.slice();
      made = iteration;
      converged = done;
      if (iteration === steps) break;
    }
    const status = areFinite(theta) ? (converged ? "converged" : "completed") : "not-finite";
    return { theta, status, steps: made, stepSize: Number.NaN, gradientNorm };
  };
}
