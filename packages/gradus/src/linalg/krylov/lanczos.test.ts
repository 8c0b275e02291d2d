import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, ConvergenceError, DataError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { denseMatrix } from "../matrix.ts";
import { matrixOperator } from "../operator/matrix-operator.ts";
import { diagonalOperator, identityOperator } from "../operator/structured.ts";
import { csrFromDense } from "../sparse/build.ts";
import { asynchronous, gaussianNumbers, tridiagonalOperator } from "../test-matrices.ts";
import { axpy, dot, norm2 } from "../vector.ts";
import { extremeEigenpairs } from "./extreme-eigenpairs.ts";
import { lanczos } from "./lanczos.ts";
import { ritzPairs, ritzValues } from "./ritz.ts";

const run = async (...[A, options, steps]: [...Parameters<typeof lanczos>, steps?: number]) =>
  (await solve(lanczos(A, options), { maxIterations: steps ?? A.rows })).iterate;

/** Outliers 100, 50, 25 over a bulk in [0, 1]: what makes plain Lanczos show ghosts. */
const outliers = Float64Array.from({ length: 300 }, (_, i) => (i < 3 ? 100 / 2 ** i : i / 300));

test.each([
  ["synchronous", (A: ReturnType<typeof diagonalOperator>) => A],
  ["asynchronous", asynchronous],
])("A Q = Q T + beta q e^T with orthonormal Q, %s", async (_, wrap) => {
  const A = wrap(diagonalOperator(outliers));
  const { alpha, beta, basis, state } = await run(A, { seed: 1 }, 60);
  expect(alpha.length).toBe(60);
  for (let i = 0; i < 60; i++)
    for (let j = 0; j <= i; j++) expect(dot(basis[i], basis[j])).toBeCloseTo(i === j ? 1 : 0, 14);
  for (let j = 0; j < 60; j++) {
    const product = new Float64Array(300);
    await A.apply(basis[j], product);
    axpy(-alpha[j], basis[j], product);
    if (j > 0) axpy(-beta[j - 1], basis[j - 1], product);
    axpy(-beta[j], state.basis[j + 1], product);
    expect(norm2(product)).toBeLessThan(1e-12);
  }
});

test("refuses an operator that declares to be symmetric and is not", async () => {
  const upper = (size: number) => ({
    ...{ rows: 30, columns: 30, symmetric: true },
    apply(x: Float64Array, out: Float64Array) {
      for (let i = 0; i < 30; i++) out[i] = (i + 1) * x[i] + size * x[(i + 1) % 30];
    },
  });
  await expect(run(upper(5))).rejects.toThrow(DataError);
  await expect(run(upper(5))).rejects.toThrow(
    /A must be symmetric, as it declares; .* at step [123] differs/,
  );
  await expect(extremeEigenpairs(upper(1), { count: 1 })).rejects.toThrow("A must be symmetric");
});

test.each([1e-200, 1e200])("judges symmetry in units of %d", async (unit) => {
  const two = (corner: number) => ({
    ...{ rows: 2, columns: 2, symmetric: true },
    apply(x: Float64Array, out: Float64Array) {
      out[0] = unit * (2 * x[0] + x[1]);
      out[1] = unit * (corner * x[0] + 3 * x[1]);
    },
  });
  const { values } = ritzValues(await run(two(1), { seed: 1 }));
  for (const [i, sign] of [1, -1].entries())
    expect(values[i] / unit).toBeCloseTo((5 + sign * Math.sqrt(5)) / 2, 12);
  await expect(run(two(5), { seed: 1 })).rejects.toThrow("A must be symmetric");
});

test("m = n steps give the whole known spectrum", async () => {
  const n = 60;
  const { values, residuals } = ritzValues(await run(tridiagonalOperator(n, -1, 2, -1), { seed: 3 }));
  for (let j = 0; j < n; j++)
    expect(values[j]).toBeCloseTo(2 - 2 * Math.cos(((n - j) * Math.PI) / (n + 1)), 12);
  expect(Math.max(...residuals)).toBe(0);
});

test("reorthogonalized, every outlier shows once; without, ghosts appear", async () => {
  const A = diagonalOperator(outliers);
  const copies = (values: Float64Array, of: number) => values.filter((v) => Math.abs(v - of) < 1e-6).length;
  const full = ritzValues(await run(A, { seed: 1 }, 120)).values;
  const none = ritzValues(await run(A, { seed: 1, reorthogonalize: "none" }, 120)).values;
  expect([100, 50, 25].map((value) => copies(full, value))).toEqual([1, 1, 1]);
  expect(copies(none, 100)).toBeGreaterThan(1);
});

test("residuals are those of the Ritz vectors and bound the error of the values", async () => {
  const A = diagonalOperator(outliers);
  const iterate = await run(A, { seed: 5 }, 25);
  const { values, vectors, residuals } = ritzPairs(iterate);
  for (let j = 0; j < 25; j++) {
    const product = new Float64Array(300);
    A.apply(vectors[j], product);
    axpy(-values[j], vectors[j], product);
    expect(norm2(vectors[j])).toBeCloseTo(1, 12);
    expect(Math.abs(norm2(product) - residuals[j])).toBeLessThan(1e-12);
    const nearest = Math.min(...outliers.map((value) => Math.abs(value - values[j])));
    expect(nearest).toBeLessThanOrEqual(residuals[j] + 1e-12);
  }
  const chosen = ritzPairs(iterate, [24, 0]);
  expect(Array.from(chosen.values)).toEqual([values[24], values[0]]);
  expect(chosen.vectors[0]).toEqual(vectors[24]);
  expect(() => ritzPairs(iterate, [25])).toThrow("select[0] must be an integer from 0 to 24, got 25");
});

test("the weights make a Gauss rule: exact moments up to degree 2m - 1, not 2m", async () => {
  const diagonal = Float64Array.from({ length: 40 }, (_, i) => Math.cos(i));
  const start = gaussianNumbers(2, 40);
  const m = 6;
  const { values, weights } = ritzValues(await run(diagonalOperator(diagonal), { start }, m));
  const total = dot(start, start);
  const moment = (degree: number) =>
    start.reduce((sum, q, i) => sum + q * q * diagonal[i] ** degree, 0) / total;
  const rule = (degree: number) => weights.reduce((sum, w, j) => sum + w * values[j] ** degree, 0);
  for (let degree = 0; degree < 2 * m; degree++) expect(rule(degree)).toBeCloseTo(moment(degree), 13);
  expect(Math.abs(rule(2 * m) - moment(2 * m))).toBeGreaterThan(1e-6);
});

describe("an invariant subspace is a result", () => {
  test("of the dimension that the start vector spans", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.nat(1000), async (different, seed) => {
        const diagonal = Float64Array.from({ length: 20 }, (_, i) => 3 + (i % different));
        const iterate = await run(diagonalOperator(diagonal), { seed }, 100);
        expect(iterate.invariant).toBe(true);
        expect(iterate.iteration).toBe(different);
        expect(iterate.nextBeta).toBe(0);
        const { values } = ritzValues(iterate);
        for (let j = 0; j < different; j++) expect(values[j]).toBeCloseTo(2 + different - j, 12);
      }),
      { numRuns: 30 },
    );
  });

  test("found at once for the zero operator", async () => {
    const iterate = await run(diagonalOperator(new Float64Array(4)), {});
    expect(iterate.iteration).toBe(1);
    expect(Array.from(ritzValues(iterate).values)).toEqual([0]);
  });
});

test("locked eigenvectors stay out of the space", async () => {
  const unit = (j: number) => Float64Array.from({ length: 300 }, (_, i) => (i === j ? 1 : 0));
  const locked = { vectors: [unit(0), unit(2)], size: 100 };
  const { basis, ...iterate } = await run(diagonalOperator(outliers), { seed: 1, locked }, 80);
  for (const q of basis) expect(Math.abs(q[0]) + Math.abs(q[2])).toBeLessThan(1e-15);
  const { values } = ritzValues(iterate);
  expect(values[0]).toBeCloseTo(50, 10);
  expect(values[1]).toBeLessThan(1);
  const whole = await run(diagonalOperator(Float64Array.of(3, 0, 0)), {
    locked: { vectors: [Float64Array.of(1, 0, 0)], size: 3 },
  });
  expect(whole.invariant).toBe(true);
  expect(Array.from(ritzValues(whole).values)).toEqual([0]);
  const all = { vectors: [Float64Array.of(1)], size: 1 };
  expect(() => lanczos(identityOperator(1), { locked: all })).toThrow(
    "locked must have fewer than 1 vectors",
  );
});

test("resumes bit for bit through text; the seed decides the start", async () => {
  const A = diagonalOperator(outliers);
  const whole = await run(A, { seed: 7 }, 30);
  const part = await run(A, { seed: 7 }, 11);
  const resume = parseCheckpoint(serializeCheckpoint(part)) as typeof part;
  const resumed = await run(A, { seed: 7, resume }, 30);
  expect(resumed.alpha).toEqual(whole.alpha);
  expect(resumed.beta).toEqual(whole.beta);
  expect(resumed.basis).toEqual(whole.basis);
  expect((await run(A, { seed: 8 }, 2)).alpha[0]).not.toBe(whole.alpha[0]);
});

test("refuses a zero start and reports a product that is not finite with its step", async () => {
  expect(() => lanczos(identityOperator(3), { start: new Float64Array(3) })).toThrow(ArgumentError);
  expect(() => lanczos(identityOperator(3), { start: Float64Array.of(1, Number.NaN, 0) })).toThrow(
    "start must be finite, got NaN at index 1",
  );
  const broken = {
    ...identityOperator(3),
    apply: (_: Float64Array, out: Float64Array) => void out.fill(Number.NaN),
  };
  await expect(run(broken, {})).rejects.toThrow(ConvergenceError);
  await expect(run(broken, {})).rejects.toThrow("at step 1");
  expect(() => ritzValues({ alpha: new Float64Array(0), beta: new Float64Array(0) })).toThrow("at least one");
});

test("ends after the steps that are asked for", async () => {
  const { iterate } = await solve(lanczos(diagonalOperator(outliers), { seed: 1, steps: 7 }));
  expect(iterate.iteration).toBe(7);
  expect(iterate.alpha).toEqual((await run(diagonalOperator(outliers), { seed: 1 }, 7)).alpha);
  expect(() => lanczos(identityOperator(3), { steps: 0 })).toThrow("steps must be a positive integer, got 0");
});

test("takes a symmetric matrix in the place of an operator, and refuses any other", async () => {
  const entries = denseMatrix([2, 1, 0, 1, 3, -1, 0, -1, 1], 3, 3);
  const start = Float64Array.of(1, 0, 0);
  const expected = await run(matrixOperator(entries, { symmetric: true }), { start });
  for (const A of [entries, csrFromDense(entries)])
    expect((await solve(lanczos(A, { start }))).iterate.alpha).toEqual(expected.alpha);
  const skewed = denseMatrix([2, 1, 0, 1, 3, -1, 0, 4, 1], 3, 3);
  for (const A of [skewed, csrFromDense(skewed)])
    expect(() => lanczos(A)).toThrow("A must be symmetric; row 2, column 1 is 4, its mirror -1");
  expect(() => lanczos(matrixOperator(entries))).toThrow("A must be symmetric: an operator declares it");
  expect(() => lanczos({ ...skewed, values: [1] } as never)).toThrow("A must be a matrix");
});

test("refuses options and values that it does not know", () => {
  const reorthogonalize = "partial" as "full";
  expect(() => lanczos(identityOperator(3), { reorthogonalize })).toThrow(
    'reorthogonalize must be "full" or "none", got "partial"',
  );
  expect(() => lanczos(identityOperator(3), { maxSteps: 3 } as never)).toThrow(
    'lanczos has no option "maxSteps"',
  );
});
