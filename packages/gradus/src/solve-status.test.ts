import { expect, test } from "vitest";
import { type Iterate, type Method, solve } from "./iterate/iterate.ts";
import { poissonOperator } from "./linalg/grids/diffusion.ts";
import { conjugateGradient } from "./linalg/krylov/conjugate-gradient.ts";
import { gmres } from "./linalg/krylov/gmres.ts";
import { denseMatrix } from "./linalg/matrix.ts";
import type { Objective } from "./objectives/objective.ts";
import { sketchAndProject } from "./optimize/constrained/sketch/sketch-and-project.ts";
import { cmaEs } from "./optimize/derivative-free/cma-es.ts";
import { consensusBasedOptimization } from "./optimize/derivative-free/consensus-based-optimization.ts";
import { consensusHopping } from "./optimize/derivative-free/consensus-hopping.ts";
import { nelderMead } from "./optimize/derivative-free/nelder-mead.ts";
import { gradientDescent } from "./optimize/first-order/gradient-descent.ts";

const ones = Float64Array.of(1, 1);
const indefinite = denseMatrix([1, 0, 0, -1], 2, 2);
const definite = denseMatrix([2, 1, 1, 3], 2, 2);
const rotation = denseMatrix([0, -1, 1, 0], 2, 2);
const zeros = denseMatrix([0, 0, 0, 0], 2, 2);

/** x^2, with its derivative or one of the wrong sign, which points uphill. */
const squareWith = (slope: number): Objective => ({
  dimension: 1,
  value: ([x]) => x * x,
  gradient: ([x]) => Float64Array.of(slope * x),
  valueAndGradient: ([x]) => ({ value: x * x, gradient: Float64Array.of(slope * x) }),
});
const square = squareWith(2);
/** Compiled, with the constants as its null space, of which it does not know. */
const floating = { ...poissonOperator({ shape: [2, 2] }), project: undefined };

const methods: readonly [string, reason: string, method: () => Method<Iterate>][] = [
  ["conjugateGradient", "nonpositive-curvature", () => conjugateGradient(indefinite, ones)],
  ["conjugateGradient", "boundary", () => conjugateGradient(definite, ones, { radius: 1e-3 })],
  [
    "conjugateGradient",
    "nonpositive-curvature",
    () => conjugateGradient(floating, new Float64Array(4).fill(1), { inconsistent: "end" }),
  ],
  ["conjugateGradient", "converged", () => conjugateGradient(definite, ones)],
  ["gmres", "stagnated", () => gmres(rotation, ones, { restart: 1 })],
  ["gmres", "converged", () => gmres(rotation, ones)],
  ["sketchAndProject", "max-steps", () => sketchAndProject(zeros, ones, { maxSteps: 10 })],
  ["sketchAndProject", "converged", () => sketchAndProject(definite, ones)],
  ["gradientDescent", "precision-limit", () => gradientDescent(squareWith(-2), ones.subarray(1))],
  ["gradientDescent", "stationary", () => gradientDescent(square, new Float64Array(1))],
  ["nelderMead", "evaluation-limit", () => nelderMead(square, [1], { maxEvaluations: 5 })],
  ["nelderMead", "converged", () => nelderMead(square, [1])],
  ["cmaEs", "evaluation-limit", () => cmaEs(square, [1], { width: 1, maxEvaluations: 20 })],
  ["cmaEs", "converged", () => cmaEs(square, [1], { width: 1 })],
  [
    "consensusHopping",
    "evaluation-limit",
    () => consensusHopping(square, [1], { width: 1, maxEvaluations: 50 }),
  ],
  [
    "consensusBasedOptimization",
    "collapsed",
    () => consensusBasedOptimization(square, { particles: { count: 5, mean: 3, deviation: 0 }, seed: 1 }),
  ],
];

test.each(methods)("%s that ends with %s: solve says whether it has converged", async (_, reason, method) => {
  const { iterate, status } = await solve(method());
  const shown = iterate as { readonly outcome?: string; readonly status?: string };
  expect(shown.outcome ?? shown.status).toBe(reason);
  expect(status).toBe(reason === "converged" || reason === "stationary" ? "converged" : "finished");
  // a limit that is reached with the last step hides nothing of this
  expect((await solve(method(), { maxIterations: iterate.iteration })).status).toBe(status);
});
