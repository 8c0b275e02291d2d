import {
  hutchinsonTrace,
  hutchPlusPlusTrace,
  lanczosQuadrature,
  rayleighQuotientSearch,
} from "./curvature/index.ts";
import { kernelGradientFlow, squaredCost } from "./kernels/index.ts";
import { poissonOperator } from "./linalg/grids/index.ts";
import {
  conjugateGradient,
  denseMatrix,
  gmres,
  jacobiPreconditioner,
  lanczos,
  lsmr,
  minres,
  powerIteration,
} from "./linalg/index.ts";
import { conjugateDirections } from "./operators/index.ts";
import { sketchAndProject } from "./optimize/index.ts";
import { randomStream } from "./random/index.ts";
import type { Runs } from "./resume-testing.ts";

const n = 24;

/** Q diag Q^T, of condition number 1000, exactly symmetric. */
export const definite = (() => {
  const { values: Q } = randomStream(1).orthogonal(n);
  const values = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      for (let k = 0; k < n; k++) values[i * n + j] += Q[i * n + k] * 1e3 ** (k / (n - 1)) * Q[j * n + k];
      values[j * n + i] = values[i * n + j];
    }
  return denseMatrix(values, n, n);
})();
export const right = randomStream(2).fillNormal(new Float64Array(n));

const tall = denseMatrix(randomStream(3).fillNormal(new Float64Array(40 * n)), 40, n);
const tallRight = randomStream(4).fillNormal(new Float64Array(40));
const grid = poissonOperator({ shape: [12, 10] });
const onGrid = randomStream(5).fillNormal(new Float64Array(120));

/** Methods of linear algebra, of curvature on a matrix, and of kernels. */
export const linearRuns: Runs = {
  conjugateGradient: (options) => conjugateGradient(definite, right, options),
  "conjugateGradient: preconditioned": (options) =>
    conjugateGradient(definite, right, { preconditioner: jacobiPreconditioner(definite), ...options }),
  "conjugateGradient: on a grid": (options) => conjugateGradient(grid, grid.project(onGrid), options),
  gmres: (options) => gmres(definite, right, options),
  "gmres: restarted": (options) => gmres(definite, right, { restart: 4, ...options }),
  minres: (options) => minres(definite, right, options),
  lsmr: (options) => lsmr(tall, tallRight, options),
  powerIteration: (options) => powerIteration(definite, options),
  lanczos: (options) => lanczos(definite, options),
  sketchAndProject: (options) => sketchAndProject(definite, right, options),
  hutchinsonTrace: (options) => hutchinsonTrace(definite, options),
  hutchPlusPlusTrace: (options) => hutchPlusPlusTrace(definite, { products: 30, ...options }),
  lanczosQuadrature: (options) => lanczosQuadrature(definite, { steps: 6, ...options }),
  rayleighQuotientSearch: (options) => rayleighQuotientSearch(definite, options),
  conjugateDirections: (options) =>
    conjugateDirections(
      definite,
      right,
      { apply: (r, out) => void out.set(r.map((x) => Math.sin(3 * x) + x)) },
      options,
    ),
  kernelGradientFlow: (options) =>
    kernelGradientFlow(definite, right, { time: 1, cost: squaredCost, ...options }),
};
