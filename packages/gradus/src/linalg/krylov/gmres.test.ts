import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { luFactorize, luSolve } from "../factorize/lu.ts";
import { denseMatrix } from "../matrix.ts";
import { operatorEntries } from "../operator/contract.ts";
import { matrixOperator } from "../operator/matrix-operator.ts";
import { diagonalOperator, identityOperator } from "../operator/structured.ts";
import {
  asynchronous,
  gaussianNumbers,
  largestDifference,
  ramp,
  tridiagonalOperator,
} from "../test-matrices.ts";
import { norm2 } from "../vector.ts";
import { gmres } from "./gmres.ts";

const n = 50;
/** Diffusion with a wind: far from symmetric. */
const convection = tridiagonalOperator(n, -1.4, 2.2, -0.6);

// python3 -c "import numpy as np, scipy.sparse as sp, scipy.sparse.linalg as sl; n = 50; b = np.arange(1, n+1)/n; out = []
//   A = sp.diags([-1.4,2.2,-.6], [-1,0,1], shape=(n,n)).tocsr()
//   sl.gmres(A, b, rtol=1e-10, restart=12, maxiter=40, callback=lambda r: out.append(r), callback_type='pr_norm')
//   print(out[0:26:5], len(out), np.linalg.norm(b))"
test.each([
  ["synchronous", convection],
  ["asynchronous", asynchronous(convection)],
])("follows scipy's residuals over restarts, %s", async (_, A) => {
  const norms: number[] = [];
  let x = new Float64Array(n);
  for await (const iterate of gmres(A, ramp(n), { restart: 12, relativeTolerance: 1e-10 })) {
    norms.push(iterate.residualNorm / 4.1436698710201325);
    x = Float64Array.from(iterate.x);
  }
  const expected = [
    0.48023287613877386, 0.021613329107812027, 0.005887847916807015, 0.0020737942039422298,
    0.0007219758678648141, 0.0002625788392172373,
  ];
  for (const [k, value] of expected.entries()) expect(norms[5 * k + 1] / value).toBeCloseTo(1, 9);
  expect(norms.length).toBe(76);
  const exact = luSolve(luFactorize(await operatorEntries(convection)), ramp(n));
  expect(largestDifference(x, exact)).toBeLessThan(1e-8);
});

test("without restarts it ends within n steps, residuals being those of x, on random systems", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(10_000), fc.integer({ min: 1, max: 12 }), async (seed, order) => {
      const A = matrixOperator(denseMatrix(gaussianNumbers(seed, order * order), order, order));
      const b = gaussianNumbers(seed + 1, order);
      let [last, steps, final] = [Number.POSITIVE_INFINITY, 0, ""];
      for await (const iterate of gmres(A, b, { x0: gaussianNumbers(seed + 2, order) })) {
        const product = new Float64Array(order);
        A.apply(iterate.x, product);
        const actual = norm2(product.map((v, i) => b[i] - v));
        expect(Math.abs(actual - iterate.residualNorm)).toBeLessThan(1e-9);
        expect(iterate.residualNorm).toBeLessThanOrEqual(last * (1 + 1e-9) + 1e-12);
        last = iterate.residualNorm;
        steps = iterate.iteration;
        final = iterate.outcome ?? "";
      }
      expect(steps).toBeLessThanOrEqual(order);
      expect(final).toBe("converged");
    }),
    { numRuns: 40 },
  );
});

test("a cyclic shift stagnates until the space is whole", async () => {
  // e_1 -> e_2 -> .. -> e_8 -> e_1: the textbook case
  const A = matrixOperator(
    denseMatrix(
      Float64Array.from({ length: 64 }, (_, k) => (Math.floor(k / 8) === ((k % 8) + 1) % 8 ? 1 : 0)),
      8,
      8,
    ),
  );
  const b = Float64Array.of(1, 0, 0, 0, 0, 0, 0, 0);
  const short = await solve(gmres(A, b, { restart: 7 }));
  expect(short.iterate.outcome).toBe("stagnated");
  expect(short.iterate.residualNorm).toBe(1);
  const long = await solve(gmres(A, b, { restart: 8 }));
  expect(long.iterate.outcome).toBe("converged");
  expect(long.iterate.iteration).toBe(8);
  expect(Array.from(long.iterate.x, Math.round)).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
});

test("b = 0 is solved by 0 without a step, wherever the method starts", async () => {
  const A = denseMatrix([2, 1, 1, 3], 2, 2);
  for (const scale of [1, 1e-200, 1e200]) {
    const x0 = Float64Array.of(scale, scale);
    const { iterate } = await solve(gmres(A, new Float64Array(2), { x0 }));
    expect([[...iterate.x], iterate.iteration, iterate.outcome]).toEqual([[0, 0], 0, "converged"]);
  }
});

test("a singular system without a solution stagnates at its least-squares residual", async () => {
  const A = diagonalOperator(Float64Array.of(1, 2, 3, 0));
  const { iterate } = await solve(gmres(A, Float64Array.of(1, 1, 1, 2)), { maxIterations: 40 });
  expect(iterate.outcome).toBe("stagnated");
  expect(iterate.residualNorm).toBeCloseTo(2, 12);
});

test("the exact inverse as preconditioner solves in one step; a changing one is allowed", async () => {
  const diagonal = Float64Array.from({ length: n }, (_, i) => 1 + i ** 2);
  const A = diagonalOperator(diagonal);
  const inverse = diagonalOperator(diagonal.map((v) => 1 / v));
  for (const preconditioner of [inverse, asynchronous(inverse)]) {
    const { iterate } = await solve(gmres(A, ramp(n), { preconditioner }));
    expect(iterate.iteration).toBe(1);
    expect(
      largestDifference(
        iterate.x,
        ramp(n).map((v, i) => v / diagonal[i]),
      ),
    ).toBeLessThan(1e-15);
  }
  let call = 0;
  const changing = {
    ...inverse,
    apply(x: Float64Array, out: Float64Array) {
      call += 1;
      for (let i = 0; i < n; i++) out[i] = x[i] / diagonal[i] ** (call % 2 === 0 ? 0.9 : 0.7);
    },
  };
  const { iterate } = await solve(gmres(A, ramp(n), { preconditioner: changing, restart: 5 }), {
    maxIterations: 200,
  });
  expect(iterate.outcome).toBe("converged");
  expect(
    largestDifference(
      iterate.x,
      ramp(n).map((v, i) => v / diagonal[i]),
    ),
  ).toBeLessThan(1e-7);
});

test("resumes bit for bit through text, in the middle of a cycle", async () => {
  const options = { restart: 12 };
  const whole = await solve(gmres(convection, ramp(n), options));
  const { iterate } = await solve(gmres(convection, ramp(n), options), { maxIterations: 17 });
  const resume = parseCheckpoint(serializeCheckpoint(iterate)) as typeof iterate;
  const resumed = await solve(gmres(convection, ramp(n), { ...options, resume }));
  expect(resumed.iterate.x).toEqual(whole.iterate.x);
  expect(resumed.iterate.iteration).toBe(whole.iterate.iteration);
});

test("refuses a bad restart or preconditioner", () => {
  expect(() => gmres(convection, ramp(n), { restart: 0 })).toThrow(
    "restart must be a positive integer, got 0",
  );
  expect(() => gmres(convection, ramp(n), { preconditioner: identityOperator(3) })).toThrow(ArgumentError);
});

test("solves for b of any size, and says so where x is no double", async () => {
  const A = denseMatrix([1, 2, 3, 4], 2, 2);
  for (const size of [1e-300, 1e-200, 1e200, 1e307]) {
    const { iterate } = await solve(gmres(A, Float64Array.of(5 * size, 11 * size)));
    expect(iterate.outcome).toBe("converged");
    expect(iterate.x[0] / size).toBeCloseTo(1, 8);
    expect(iterate.x[1] / size).toBeCloseTo(2, 8);
    expect(iterate.residualNorm / size).toBeLessThan(1e-7);
  }
  for (const [entry, b] of [
    [1e-200, 1e200],
    [1e-310, 1],
  ])
    await expect(
      solve(gmres(denseMatrix([entry, 0, 0, entry], 2, 2), Float64Array.of(b, b))),
    ).rejects.toThrow(/^x exceeds the largest double, 1.8e308, .*: solve for b in a larger unit$/);
});
