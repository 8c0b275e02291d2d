import { describe, expect, test } from "vitest";
import { DataError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { conjugateGradient } from "../krylov/conjugate-gradient.ts";
import { diagonalOperator } from "../operator/structured.ts";
import { jacobiPreconditioner } from "../precondition/jacobi.ts";
import { gaussianNumbers } from "../test-matrices.ts";
import { norm2 } from "../vector.ts";
import { poissonOperator } from "./diffusion.ts";

const N = 32;
const poisson = poissonOperator({ shape: [N, N] });
// the matrix alone, which does not know its null space: the constants
const A = poisson.toCsr();
const compatible = poisson.project(gaussianNumbers(1, N * N));
const size = norm2(compatible);
/** b with a part of this length, relative to the rest, in the null space. */
const withMean = (share: number) => compatible.map((value) => value + (share * size) / N);

const leastOf = (error: unknown) => {
  expect(error).toBeInstanceOf(DataError);
  if (!(error instanceof DataError)) throw error;
  expect(error.message).toMatch(
    /^A x = b has no solution: A is singular, .* subtract from b its part in the null space of A, or use minres/,
  );
  return Number(/\|\|d\|\| = (\S+) for every x/.exec(error.message)?.[1]);
};

describe.each([
  ["plain", undefined],
  ["preconditioned", jacobiPreconditioner(poisson.toCsr())],
])("%s conjugate gradients on a singular matrix that does not know its range", (_, preconditioner) => {
  test.each([1e-6, 1e-2, 1, 100])("say by how much b misses it: %d of the rest", async (share) => {
    const error = await solve(conjugateGradient(A, withMean(share), { preconditioner })).catch((e) => e);
    // the least residual is the length of the part in the null space
    expect(leastOf(error) / (share * size)).toBeCloseTo(1, share < 1e-3 ? 1 : 6);
  });

  test("solve for a b within it, and never blame one, even to no tolerance", async () => {
    const { iterate } = await solve(conjugateGradient(A, compatible, { preconditioner }));
    expect(iterate.outcome).toBe("converged");
    const end = await solve(conjugateGradient(A, compatible, { preconditioner, relativeTolerance: 0 }), {
      maxIterations: 2000,
    });
    expect(end.iterate.outcome).not.toBe("converged");
    expect(end.iterate.residualNorm / size).toBeLessThan(1e-9);
  });
});

test("a definite matrix is never called singular, nor an indefinite one", async () => {
  const order = 40;
  const b = gaussianNumbers(2, order);
  const decades = Float64Array.from({ length: order }, (_, i) => 10 ** ((-14 * i) / order));
  for (const relativeTolerance of [1e-8, 0]) {
    const options = { maxIterations: 3000 };
    const method = conjugateGradient(diagonalOperator(decades), b, { relativeTolerance });
    const { iterate } = await solve(method, options);
    expect(iterate.x.every(Number.isFinite)).toBe(true);
  }
  const signs = decades.map((value, i) => (i % 2 === 0 ? value : -value));
  const { iterate } = await solve(conjugateGradient(diagonalOperator(signs), b));
  expect(iterate.outcome).toBe("nonpositive-curvature");
});
