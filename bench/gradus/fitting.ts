import { type Matrix, multiplyTransposed, norm2 } from "gradus/linalg";
import { logisticRegression, withRidge } from "gradus/objectives";
import {
  blockCoordinateDescent,
  blockLeastSquares,
  gnsNewton,
  l1,
  lbfgs,
  minimize,
  separate,
} from "gradus/optimize";
import { type FittingProblem, fittingFamilies, fittingProblems, fittingSizes } from "../fitting-sizes.ts";
import type { Inputs } from "../input-files.ts";
import type { Runner } from "../worker.ts";

const { ridge, gradient, penalty, gap, passes } = fittingSizes;

function load(inputs: Inputs, { name, rows, columns, perRow }: FittingProblem) {
  const numbers = (part: string) => Float64Array.from(inputs[`${name}.${part}`].data, Number);
  const integers = (part: string) => Int32Array.from(inputs[`${name}.${part}`].data, Number);
  const values = numbers("values");
  const A: Matrix =
    perRow === undefined
      ? { rows, columns, values }
      : { rows, columns, values, rowPointers: integers("pointers"), columnIndices: integers("indices") };
  return { A, y: numbers("y") };
}

const runner = (call: () => Promise<number>): Runner => ({
  reset() {},
  call,
  unitsPerCall: 1,
  check: async () => [await call()],
});

function logistic(
  inputs: Inputs,
  problem: FittingProblem,
  by: "auto" | "exact" | "products" | "lbfgs",
): Runner {
  const { A, y } = load(inputs, problem);
  return runner(async () => {
    const objective = withRidge(logisticRegression(A, y), ridge);
    const x0 = new Float64Array(problem.columns);
    const limits = { gradientTolerance: gradient };
    const found =
      by === "lbfgs"
        ? await minimize(objective, x0, { method: lbfgs, ...limits })
        : await minimize(objective, x0, { method: gnsNewton, hessian: by, ...limits });
    if (found.status !== "converged") throw new Error(`ended with ${found.status}`);
    return found.value;
  });
}

async function lasso(inputs: Inputs, problem: FittingProblem): Promise<Runner> {
  const { A, y } = load(inputs, problem);
  const lambda = penalty * multiplyTransposed(A, y).reduce((most, g) => Math.max(most, Math.abs(g)), 0);
  const start = norm2(y) ** 2 / 2;
  const best = await blockCoordinateDescent(l1(blockLeastSquares(A, y), lambda), {
    stop: { kkt: 1e-10 * lambda },
  });
  const stop = { gap: gap * (start - best.value), fStar: best.value };
  return runner(async () => {
    const problem = l1(blockLeastSquares(A, y), lambda);
    const found = await blockCoordinateDescent(problem, { stop });
    problem[Symbol.dispose]?.();
    return found.value;
  });
}

function perceptron(inputs: Inputs, problem: FittingProblem): Runner {
  const { A, y } = load(inputs, problem);
  return runner(async () => {
    let norm = 0;
    await separate({
      A,
      y,
      method: "perceptron",
      maxIterations: passes,
      stop: "never",
      onIterate: ({ thetaNorm }) => {
        norm = thetaNorm;
      },
    });
    return norm;
  });
}

/** By the method that is the default, or by the named one. */
function separating(inputs: Inputs, problem: FittingProblem, method?: "normalized"): Runner {
  const { A, y } = load(inputs, problem);
  return runner(async () => {
    const { separated } = await separate({ A, y, method });
    return separated ? 1 : 0;
  });
}

/** All fits, by the names of their programs. */
export function fittingRunners(inputs: Inputs): Record<string, () => Runner | Promise<Runner>> {
  const programs: Record<string, () => Runner | Promise<Runner>> = {};
  for (const family of fittingFamilies)
    for (const problem of fittingProblems(family)) {
      if (family === "lasso") programs[`${problem.name}-blocks`] = () => lasso(inputs, problem);
      if (family === "perceptron") programs[`${problem.name}-passes`] = () => perceptron(inputs, problem);
      if (family === "separate") {
        programs[`${problem.name}-default`] = () => separating(inputs, problem);
        programs[`${problem.name}-normalized`] = () => separating(inputs, problem, "normalized");
      }
      if (family === "logistic")
        for (const by of ["auto", "exact", "products", "lbfgs"] as const)
          programs[`${problem.name}-${by}`] = () => logistic(inputs, problem, by);
    }
  return programs;
}
