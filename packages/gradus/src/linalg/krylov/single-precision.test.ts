import { expect, test } from "vitest";
import { type Iterate, type Method, solve } from "../../iterate/iterate.ts";
import { randomStream } from "../../random/stream.ts";
import { denseMatrix } from "../matrix.ts";
import { multiply } from "../multiply.ts";
import { conjugateGradient } from "./conjugate-gradient.ts";
import { gmres } from "./gmres.ts";
import type { LinearSystemSolution } from "./linear-system-solution.ts";
import { lsmr } from "./lsmr.ts";
import { minres } from "./minres.ts";

const n = 30;
const B = randomStream(1).fillNormal(new Float64Array(n * n));
const A = denseMatrix(
  Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    let sum = i === j ? 5 : 0;
    for (let l = 0; l < n; l++) sum += B[i * n + l] * B[j * n + l];
    return sum;
  }),
  n,
  n,
);
const b = Float32Array.from(randomStream(2).fillNormal(new Float64Array(n)));
const x0 = Float32Array.from(randomStream(3).fillNormal(new Float64Array(n)));

type Solver = (
  matrix: typeof A,
  b: Float64Array,
  options: { x0: Float64Array; relativeTolerance: number },
) => Method<Iterate<unknown> & LinearSystemSolution>;
const solvers: readonly Solver[] = [conjugateGradient, minres, gmres, lsmr];

test.each(solvers)("$name solves in double precision from arrays of single precision", async (solver) => {
  const options = { relativeTolerance: 1e-12, x0: x0 as never };
  const { iterate } = await solve(solver(A, b as never, options), { maxIterations: 200 });
  expect(iterate.x).toBeInstanceOf(Float64Array);
  const residual = multiply(A, iterate.x).map((value, i) => b[i] - value);
  expect(Math.hypot(...residual)).toBeLessThan(2e-12 * Math.hypot(...b));
});
