import { expect, test } from "vitest";
import { GradusError } from "./check/index.ts";
import { hutchinsonTrace, lanczosQuadrature, rayleighQuotientSearch } from "./curvature/index.ts";
import { type Iterate, type Method, solve } from "./iterate/index.ts";
import { conjugateGradient, gmres, lanczos, lsmr, minres, powerIteration } from "./linalg/index.ts";
import { quadratic } from "./objectives/index.ts";
import { cmaEs, consensusHopping, langevinDynamics, nelderMead } from "./optimize/derivative-free/index.ts";
import {
  blockCoordinateIterates,
  blockQuadratic,
  gradientDescent,
  lbfgs,
  sketchAndProject,
  stochasticArmijo,
} from "./optimize/index.ts";

type Resume = { resume?: { iteration: number; state: never } };

/** Diagonal, positive definite. */
const matrix = (n: number) => ({
  rows: n,
  columns: n,
  values: Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 + k / n : 0)),
});
const ones = (n: number) => new Float64Array(n).fill(1);
const bowl = (n: number) => quadratic(matrix(n), ones(n));

/** A method on a problem of n unknowns. */
const methods: Readonly<Record<string, (n: number, options: Resume) => Method<Iterate>>> = {
  conjugateGradient: (n, options) => conjugateGradient(matrix(n), ones(n), options),
  gmres: (n, options) => gmres(matrix(n), ones(n), options),
  minres: (n, options) => minres(matrix(n), ones(n), options),
  lsmr: (n, options) => lsmr(matrix(n), ones(n), options),
  powerIteration: (n, options) => powerIteration(matrix(n), options),
  rayleighQuotientSearch: (n, options) => rayleighQuotientSearch(matrix(n), options),
  sketchAndProject: (n, options) => sketchAndProject(matrix(n), ones(n), options),
  lbfgs: (n, options) => lbfgs(bowl(n), new Float64Array(n), options),
  gradientDescent: (n, options) => gradientDescent(bowl(n), new Float64Array(n), options),
  stochasticArmijo: (n, options) => stochasticArmijo(() => bowl(n), new Float64Array(n), options),
  nelderMead: (n, options) => nelderMead(bowl(n), 0, options),
  cmaEs: (n, options) => cmaEs(bowl(n), 0, { width: 1, ...options }),
  langevinDynamics: (n, options) => langevinDynamics(bowl(n), 0, { noise: 1, ...options }),
  consensusHopping: (n, options) => consensusHopping(bowl(n), 0, { width: 1, ...options }),
  blockCoordinateIterates: (n, options) =>
    blockCoordinateIterates(blockQuadratic(matrix(n), ones(n)), options),
};
/** Their states say nothing of the number of unknowns. */
const ofAnySize: typeof methods = {
  hutchinsonTrace: (n, options) => hutchinsonTrace(matrix(n), options),
  lanczosQuadrature: (n, options) => lanczosQuadrature(matrix(n), options),
  lanczos: (n, options) => lanczos(matrix(n), options),
};

const after = async (method: Method<Iterate>) => (await solve(method, { maxIterations: 1 })).iterate;
const resumed = (state: unknown, iteration = 1): Resume => ({ resume: { iteration, state: state as never } });
const attempt = async (start: () => Method<Iterate>) => await after(start());

test.each(Object.entries(methods))("%s refuses a state of a problem of another size", async (_, method) => {
  const { iteration, state } = await after(method(4, {}));
  const other = attempt(() => method(5, resumed(state, iteration)));
  await expect(other).rejects.toThrow(GradusError);
  await expect(other).rejects.toThrow(/^resume/);
  await expect(after(method(4, resumed(state, iteration)))).resolves.toMatchObject({ iteration });
});

test.each(Object.entries({ ...methods, ...ofAnySize }))("%s names what a state lacks", async (_, method) => {
  for (const state of [{}, null]) {
    const other = attempt(() => method(4, resumed(state)));
    await expect(other).rejects.toThrow(GradusError);
    await expect(other).rejects.toThrow(/^resume\.state\.\w+ must be/);
  }
});
