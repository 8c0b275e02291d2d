import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { denseMatrix } from "../matrix.ts";
import { matrixOperator } from "../operator/matrix-operator.ts";
import { diagonalOperator } from "../operator/structured.ts";
import { asynchronous, gaussianNumbers, largestDifference } from "../test-matrices.ts";
import { dot, norm2 } from "../vector.ts";
import { lsmr } from "./lsmr.ts";

const [m, n] = [30, 12];
const cauchy = matrixOperator(
  denseMatrix(
    Float64Array.from({ length: m * n }, (_, k) => {
      const [i, j] = [Math.floor(k / n), k % n];
      return 1 / (1 + i + 2 * j) + (i === j ? 0.05 : 0);
    }),
    m,
    n,
  ),
);
const cosines = Float64Array.from({ length: m }, (_, i) => Math.cos(i));

// python3 -c "import numpy as np, scipy.sparse.linalg as sl
//   B = 1/(1. + np.arange(30)[:, None] + 2*np.arange(12)) + .05*np.eye(30, 12); c = np.cos(np.arange(30))
//   for damp in (0, .1):
//     for k in (1, 3, 6): r = sl.lsmr(B, c, damp=damp, atol=0, btol=0, conlim=0, maxiter=k); print(damp, k, r[3], r[4], r[6])"
test.each([
  [0, "synchronous", cauchy],
  [0, "asynchronous", asynchronous(cauchy)],
  [0.1, "synchronous", cauchy],
])("follows scipy's norms with damping %d, %s", async (damping, _, A) => {
  const expected =
    damping === 0
      ? [
          [1, 3.8732560336613813, 0.4023717066239756, 1],
          [3, 3.256575345394275, 0.06058961979231002, 29.056911701389847],
          [6, 3.100725054358366, 9.791238461333374e-7, 30.915045727643573],
        ]
      : [
          [1, 3.873491343533687, 0.4008257084801661, 1],
          [3, 3.6647318189076254, 0.016037362136116236, 14.078980203968934],
          [6, 3.662807180119825, 2.0044605637876698e-8, 14.304850053041923],
        ];
  const seen = [];
  for await (const iterate of lsmr(A, cosines, { damping, stationarityTolerance: 1e-10 })) seen.push(iterate);
  for (const [step, residualNorm, gradientNorm, condition] of expected) {
    expect(seen[step].residualNorm / residualNorm).toBeCloseTo(1, 9);
    // after 6 of at most 12 steps what is left is near rounding
    expect(Math.abs(seen[step].gradientNorm - gradientNorm)).toBeLessThan(1e-9 * gradientNorm + 1e-11);
    if (step > 1) expect(seen[step].condition / condition).toBeCloseTo(1, 5);
  }
  expect(seen.at(-1)?.outcome).toBe("least-squares");
});

describe("on random problems of any shape", () => {
  const problems = fc.record({
    rows: fc.integer({ min: 1, max: 12 }),
    columns: fc.integer({ min: 1, max: 12 }),
    seed: fc.nat(10_000),
    damping: fc.constantFrom(0, 0.3),
  });

  test("norms are those of x, the gradient's never grows, and it ends stationary", async () => {
    await fc.assert(
      fc.asyncProperty(problems, async ({ rows, columns, seed, damping }) => {
        const A = matrixOperator(denseMatrix(gaussianNumbers(seed, rows * columns), rows, columns));
        const b = gaussianNumbers(seed + 1, rows);
        let [last, outcome] = [Number.POSITIVE_INFINITY, ""];
        for await (const iterate of lsmr(A, b, {
          damping,
          stationarityTolerance: 1e-9,
          relativeTolerance: 1e-9,
        })) {
          const product = new Float64Array(rows);
          A.apply(iterate.x, product);
          const residual = product.map((v, i) => b[i] - v);
          const whole = Math.hypot(norm2(residual), damping * norm2(iterate.x));
          expect(Math.abs(whole - iterate.residualNorm)).toBeLessThan(1e-7);
          const gradient = new Float64Array(columns);
          A.applyAdjoint?.(residual, gradient);
          for (let j = 0; j < columns; j++) gradient[j] -= damping ** 2 * iterate.x[j];
          expect(Math.abs(norm2(gradient) - iterate.gradientNorm)).toBeLessThan(1e-6);
          expect(iterate.gradientNorm).toBeLessThanOrEqual(last);
          last = iterate.gradientNorm;
          outcome = iterate.outcome ?? "";
        }
        expect(["converged", "least-squares"]).toContain(outcome);
      }),
      { numRuns: 60 },
    );
  });

  test("of many solutions it finds the shortest: one in the row space", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), async (seed) => {
        const [rows, columns] = [4, 9];
        const entries = gaussianNumbers(seed, rows * columns);
        const b = gaussianNumbers(seed + 1, rows);
        const { iterate } = await solve(
          lsmr(matrixOperator(denseMatrix(entries, rows, columns)), b, { relativeTolerance: 1e-12 }),
        );
        expect(iterate.outcome).toBe("converged");
        // the shortest solution is A^T w: orthogonal to whatever A maps to 0
        const nullVector = gaussianNumbers(seed + 2, columns);
        const projection = await solve(
          lsmr(
            matrixOperator(denseMatrix(entries, rows, columns)),
            product(entries, rows, columns, nullVector),
            {
              relativeTolerance: 1e-12,
            },
          ),
        );
        const inNullSpace = nullVector.map((v, i) => v - projection.iterate.x[i]);
        expect(norm2(product(entries, rows, columns, inNullSpace))).toBeLessThan(1e-9);
        expect(Math.abs(dot(iterate.x, inNullSpace))).toBeLessThan(1e-8);
      }),
      { numRuns: 25 },
    );
  });
});

function product(entries: Float64Array, rows: number, columns: number, x: Float64Array): Float64Array {
  const out = new Float64Array(rows);
  matrixOperator(denseMatrix(entries, rows, columns)).apply(x, out);
  return out;
}

test("an ill-conditioned consistent system is solved to the tolerance", async () => {
  // singular values 1 .. 1e-6
  const diagonal = Float64Array.from({ length: 25 }, (_, i) => 10 ** (-i / 4));
  const x = Float64Array.from({ length: 25 }, () => 1);
  const b = diagonal.slice();
  const { iterate } = await solve(
    lsmr(diagonalOperator(diagonal), b, { relativeTolerance: 1e-12, stationarityTolerance: 0 }),
    { maxIterations: 2000 },
  );
  expect(iterate.outcome).toBe("converged");
  expect(largestDifference(iterate.x, x)).toBeLessThan(1e-5);
});

test("tolerances of 0 end at rounding", async () => {
  const { iterate } = await solve(lsmr(cauchy, cosines, { relativeTolerance: 0, stationarityTolerance: 0 }), {
    maxIterations: 1000,
  });
  expect(iterate.outcome).toBe("least-squares");
  expect(iterate.gradientNorm).toBeLessThan(1e-13);
});

test("a warm start is kept where it is a solution, and b orthogonal to the range is answered by x0", async () => {
  const A = matrixOperator(denseMatrix(Float64Array.of(1, 0, 0, 2, 0, 0), 3, 2));
  const warm = await solve(lsmr(A, Float64Array.of(3, 8, 0), { x0: Float64Array.of(3, 4) }));
  expect(warm.iterate.iteration).toBe(0);
  expect(Array.from(warm.iterate.x)).toEqual([3, 4]);
  const orthogonal = await solve(lsmr(A, Float64Array.of(0, 0, 5)));
  expect(orthogonal.iterate.outcome).toBe("least-squares");
  expect(Array.from(orthogonal.iterate.x)).toEqual([0, 0]);
});

test("b = 0 is answered by what the null space has of x0, to a residual small beside A x0", async () => {
  // the rows' cross product spans the null space
  const A = denseMatrix([1, 2, 3, 0, 1, -1], 2, 3);
  const direction = [-5, 1, 1];
  for (const scale of [1, 1e-200, 1e200]) {
    const x0 = Float64Array.of(3 * scale, scale, -2 * scale);
    const { iterate } = await solve(lsmr(A, new Float64Array(2), { x0 }));
    expect(iterate.outcome).toBe("converged");
    expect(iterate.iteration).toBeLessThanOrEqual(2);
    const share = (-5 * 3 + 1 - 2) / 27;
    direction.forEach((entry, i) => {
      expect(iterate.x[i] / (share * entry * scale)).toBeCloseTo(1, 8);
    });
  }
  // with damping x = (A^T A + lambda^2 I)^-1 lambda^2 x0, here of a diagonal A
  const damped = lsmr(diagonalOperator(Float64Array.of(1, 3)), new Float64Array(2), {
    x0: Float64Array.of(1, 1),
    damping: 2,
    stationarityTolerance: 1e-14,
  });
  const { iterate } = await solve(damped);
  expect(iterate.x[0]).toBeCloseTo(4 / 5, 12);
  expect(iterate.x[1]).toBeCloseTo(4 / 13, 12);
  const { iterate: start } = await solve(lsmr(A, new Float64Array(2)));
  expect([[...start.x], start.iteration, start.outcome]).toEqual([[0, 0, 0], 0, "converged"]);
});

test("resumes bit for bit through text", async () => {
  const options = { stationarityTolerance: 1e-12 };
  const whole = await solve(lsmr(cauchy, cosines, options));
  const { iterate } = await solve(lsmr(cauchy, cosines, options), { maxIterations: 4 });
  const resume = parseCheckpoint(serializeCheckpoint(iterate)) as typeof iterate;
  const resumed = await solve(lsmr(cauchy, cosines, { ...options, resume }));
  expect(resumed.iterate.x).toEqual(whole.iterate.x);
  expect(resumed.iterate.iteration).toBe(whole.iterate.iteration);
});

test("refuses a bad damping and an operator without adjoint", () => {
  expect(() => lsmr(cauchy, cosines, { damping: -1 })).toThrow(
    "damping must be a non-negative number, got -1",
  );
  expect(() => lsmr({ rows: 2, columns: 3, apply: () => {} }, new Float64Array(2))).toThrow(ArgumentError);
});
