import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";
import { jacobiEigenvalues } from "../../linalg/test-matrices.ts";
import { randomStream } from "../../random/stream.ts";
import { isLinearlyStable, stabilityThreshold } from "./threshold.ts";

const rowsOf = (...rows: readonly (readonly number[])[]) =>
  denseMatrix(rows.flat(), rows.length, rows[0].length);

function gaussian(n: number, P: number, seed: number): DenseMatrix {
  const stream = randomStream(seed);
  const scale = Float64Array.from({ length: P }, () => Math.exp(0.5 * stream.normal()));
  return {
    rows: n,
    columns: P,
    values: stream.fillNormal(new Float64Array(n * P)).map((v, k) => v * scale[k % P]),
  };
}

/** All batches of B examples without replacement. */
function batches(n: number, B: number): number[][] {
  if (B === 0) return [[]];
  return Array.from({ length: n }, (_, i) => i).flatMap((i) =>
    batches(i, B - 1).map((batch) => [...batch, i]),
  );
}

/** Spectral radius of M -> mean over all batches of (I - eta H) M (I - eta H), H the batch's own G: no formula for p. */
function radiusByEnumeration({ rows: n, columns: P, values }: DenseMatrix, rate: number, B: number): number {
  const all = batches(n, B);
  const order = P * P;
  const T = new Float64Array(order * order);
  for (const batch of all) {
    const S = Float64Array.from({ length: order }, (_, k) => Number(k % (P + 1) === 0));
    for (const i of batch)
      for (let a = 0; a < P; a++)
        for (let b = 0; b < P; b++) S[a * P + b] -= (rate / B) * values[i * P + a] * values[i * P + b];
    // the Kronecker product of S with itself
    for (let row = 0; row < order; row++)
      for (let column = 0; column < order; column++)
        T[row * order + column] +=
          (S[Math.floor(row / P) * P + Math.floor(column / P)] * S[(row % P) * P + (column % P)]) /
          all.length;
  }
  return jacobiEigenvalues(T, order)[0];
}

describe("the exact threshold", () => {
  test.each([1, 2, 3, 5])("is where the second moment stops shrinking, batches of %d of 5", async (B) => {
    for (const seed of [1, 2, 3]) {
      const J = gaussian(5, 3, seed);
      const { learningRate, converged } = await stabilityThreshold(J, { batchSize: B });
      expect(converged).toBe(true);
      expect(radiusByEnumeration(J, 0.999 * learningRate, B)).toBeLessThan(1);
      expect(radiusByEnumeration(J, learningRate, B)).toBeCloseTo(1, 8);
      expect(radiusByEnumeration(J, 1.01 * learningRate, B)).toBeGreaterThan(1);
    }
  });

  test("of the identity: 2 for SGD, where the trace bound is tight, and 2 n for gradient descent", async () => {
    const n = 7;
    const values = new Float64Array(n * n);
    for (let i = 0; i < n; i++) values[i * n + i] = 1;
    const threshold = await stabilityThreshold({ rows: n, columns: n, values });
    expect(threshold.learningRate).toBeCloseTo(2, 12);
    expect(threshold.traceBound).toBeCloseTo(2, 12);
    expect(threshold.fullBatchLearningRate).toBeCloseTo(2 * n, 12);
    expect(threshold.lowerBound).toBeCloseTo(2, 12);
  });

  test("of one row, and of equal rows: 2/|g|^2 for every batch size, since there is no noise", async () => {
    const g = [3, -1, 2];
    expect((await stabilityThreshold(rowsOf(g))).learningRate).toBeCloseTo(2 / 14, 13);
    for (const batchSize of [1, 2, 4])
      for (const replacement of [true, false])
        expect(
          (await stabilityThreshold(rowsOf(g, g, g, g), { batchSize, replacement })).learningRate,
        ).toBeCloseTo(2 / 14, 13);
  });

  test("of orthogonal rows: each sample must be stable alone, and the longest is the mode", async () => {
    const { learningRate, mode, traceBound } = await stabilityThreshold(
      rowsOf([2, 0, 0], [0, 3, 0], [0, 0, 1]),
    );
    expect(learningRate).toBeCloseTo(2 / 9, 12);
    expect(learningRate).toBeLessThan(traceBound);
    expect(mode[0]).toBeCloseTo(0, 8);
    expect(mode[1]).toBeCloseTo(1, 8);
    expect(mode.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 14);
  });

  test("depends on J J^T alone, and on no order of the rows", async () => {
    const J = gaussian(6, 4, 9);
    const gram = new Float64Array(36);
    for (let i = 0; i < 6; i++)
      for (let j = 0; j < 6; j++)
        for (let k = 0; k < 4; k++) gram[6 * i + j] += J.values[4 * i + k] * J.values[4 * j + k];
    const turned = { ...J, values: Float64Array.from({ length: 24 }, (_, k) => J.values[(k + 8) % 24]) };
    const { learningRate } = await stabilityThreshold(J, { batchSize: 2 });
    expect(
      (await stabilityThreshold({ gram: denseMatrix(gram, 6, 6) }, { batchSize: 2 })).learningRate,
    ).toBeCloseTo(learningRate, 10);
    expect((await stabilityThreshold(turned, { batchSize: 2 })).learningRate).toBeCloseTo(learningRate, 10);
  });

  test("keeps to its bounds and grows with the batch", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), fc.boolean(), async (seed, replacement) => {
        const J = gaussian(8, 5, seed);
        let last = 0;
        for (let batchSize = 1; batchSize <= 8; batchSize++) {
          const found = await stabilityThreshold(J, { batchSize, replacement });
          const { learningRate, fullBatchLearningRate, traceBound, fourthMomentBound, lowerBound } = found;
          const above = learningRate * (1 - 1e-9);
          expect(above).toBeLessThanOrEqual(Math.min(fullBatchLearningRate, fourthMomentBound));
          expect(fourthMomentBound).toBeLessThanOrEqual(traceBound * (1 + 1e-9));
          expect(learningRate).toBeGreaterThanOrEqual(lowerBound * (1 - 1e-9));
          expect(learningRate).toBeGreaterThanOrEqual(last * (1 - 1e-9));
          last = learningRate;
          if (batchSize === 8 && !replacement) expect(learningRate / fullBatchLearningRate).toBeCloseTo(1, 9);
        }
      }),
      { numRuns: 25, seed: 19 },
    );
  });
});

describe("what it says where it cannot tell", () => {
  test("J = 0 has no threshold", async () => {
    const { learningRate, warning } = await stabilityThreshold({
      rows: 3,
      columns: 2,
      values: new Float64Array(6),
    });
    expect(learningRate).toBe(Number.POSITIVE_INFINITY);
    expect(warning).toContain("J is 0");
  });

  test("too few iterations leave an interval", async () => {
    const J = gaussian(20, 30, 4);
    const { learningRate } = await stabilityThreshold(J);
    const early = await stabilityThreshold(J, { maxIterations: 1 });
    expect(early.converged).toBe(false);
    expect(early.lowerBound).toBeLessThanOrEqual(learningRate);
    expect(early.learningRate).toBeGreaterThanOrEqual(learningRate);
    const between = (early.lowerBound + early.learningRate) / 2;
    await expect(isLinearlyStable(J, between, { maxIterations: 1 })).rejects.toThrow("does not decide");
  });

  test("residuals that are not small: a warning that this is no minimum", async () => {
    const J = gaussian(4, 6, 1);
    const residuals = Float64Array.of(0.5, -0.5, 0.5, -0.5);
    expect((await stabilityThreshold(J, { residuals })).warning).toContain(
      "mean absolute residual is 0.5, above 0.01",
    );
    expect((await stabilityThreshold(J, { residuals: residuals.map((r) => r / 1e3) })).warning).toBe(
      undefined,
    );
  });

  test("stable below, unstable above", async () => {
    const J = gaussian(10, 30, 2);
    const { learningRate } = await stabilityThreshold(J, { batchSize: 3 });
    expect(await isLinearlyStable(J, 0.999 * learningRate, { batchSize: 3 })).toBe(true);
    expect(await isLinearlyStable(J, 1.001 * learningRate, { batchSize: 3 })).toBe(false);
  });

  test.each([
    [{ batchSize: 0 }, "batchSize must be an integer from 1 to 4, got 0"],
    [{ batchSize: 5 }, "batchSize must be an integer from 1 to 4, got 5"],
    [{ maxIterations: 0 }, "maxIterations must be a positive integer, got 0"],
    [{ tolerance: -1 }, "tolerance"],
    [{ residuals: new Float64Array(3) }, "residuals must have 4 numbers, got 3"],
  ])("%j", async (options, message) => {
    const failure = stabilityThreshold(gaussian(4, 6, 1), options);
    await expect(failure).rejects.toThrow(ArgumentError);
    await expect(failure).rejects.toThrow(message);
  });

  test("rates that are none, NaN in J, and an aborted signal", async () => {
    await expect(isLinearlyStable(gaussian(4, 6, 1), 0)).rejects.toThrow(
      "learningRate must be a positive number",
    );
    await expect(stabilityThreshold(rowsOf([1, Number.NaN]))).rejects.toThrow(DataError);
    const signal = AbortSignal.abort(new Error("closed"));
    await expect(stabilityThreshold(gaussian(4, 6, 1), { signal })).rejects.toThrow("closed");
  });
});
