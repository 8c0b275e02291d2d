import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { logisticCurvature, softmaxCurvature, squaredCurvature } from "../../losses/output-curvature.ts";
import { randomStream } from "../../random/stream.ts";
import { gaussNewtonOperator } from "../operators/gauss-newton.ts";
import { lossHessianOperator } from "../operators/hessian.ts";
import { exactSpectrum } from "../spectrum/symmetric-matrix.ts";
import { classifier, regressor } from "../test-problem.ts";
import { gaussNewtonRowBlocks, gaussNewtonSpectrum } from "./gauss-newton-rows.ts";
import { gramMatrix, gramSpectrum } from "./gram.ts";
import { perExampleGradientBlocks, perExampleHessianProductBlocks } from "./per-example.ts";

describe("rows", () => {
  test("have Hessians whose mean product is the product of the mean", async () => {
    const problem = classifier({ rows: 9 });
    using H = await lossHessianOperator(problem);
    const v = randomStream(1).fillNormal(new Float64Array(H.rows));
    const [whole, mean] = [new Float64Array(H.rows), new Float64Array(H.rows)];
    await H.apply(v, whole);
    for await (const { vectors } of perExampleHessianProductBlocks(problem, v))
      for (let i = 0; i < vectors.values.length; i++) mean[i % H.rows] += vectors.values[i] / 9;
    for (let j = 0; j < H.rows; j++) expect(mean[j]).toBeCloseTo(whole[j], 13);
    const row = 4;
    using single = await lossHessianOperator(problem);
    const of4 = single.at({
      data: {
        x: { ...problem.data.x, shape: [1, 3], data: problem.data.x.data.slice(3 * row, 3 * row + 3) },
        y: { ...problem.data.y, shape: [1], data: problem.data.y.data.slice(row, row + 1) },
      },
    });
    await of4.apply(v, whole);
    for await (const { vectors } of perExampleHessianProductBlocks(problem, v))
      for (let j = 0; j < H.rows; j++) expect(vectors.values[row * H.rows + j]).toBeCloseTo(whole[j], 13);
    expect(() => perExampleHessianProductBlocks(problem, v.subarray(1))).toThrow(
      "v must have 31 numbers, got 30",
    );
  });

  test("come in blocks within the memory limit, and continue from any row", async () => {
    const problem = { ...classifier({ rows: 20 }), memoryLimit: 8000 };
    const blocks: { start: number; rows: number }[] = [];
    const all: number[] = [];
    for await (const { start, rows, total, vectors } of perExampleGradientBlocks(problem)) {
      expect(total).toBe(20);
      blocks.push({ start, rows });
      all.push(...vectors.values);
    }
    expect(blocks.length).toBeGreaterThan(1);
    const from = blocks[1].start;
    const rest: number[] = [];
    for await (const { vectors } of perExampleGradientBlocks(problem, { from })) rest.push(...vectors.values);
    expect(rest).toEqual(all.slice(from * 31));
    await expect(perExampleGradientBlocks(problem, { from: 21 }).next()).rejects.toThrow(ArgumentError);
    const signal = AbortSignal.abort(new Error("closed"));
    await expect(perExampleGradientBlocks(problem, { signal }).next()).rejects.toThrow("closed");
  });
});

describe("the Gram side", () => {
  test.each([
    ["softmax, n K < parameters", classifier({ rows: 5 }), softmaxCurvature, 10],
    ["softmax, n K > parameters", classifier({ rows: 30 }), softmaxCurvature, 31],
    ["logistic", classifier({ rows: 5 }), logisticCurvature, 15],
    ["squared", regressor({ rows: 6 }), squaredCurvature({ scale: 2 }), 6],
  ])("has the spectrum of the Gauss-Newton matrix: %s", async (_, problem, curvature, rank) => {
    using G = await gaussNewtonOperator({ ...problem, curvature });
    const dense = await exactSpectrum(G);
    const gram = await gaussNewtonSpectrum({ ...problem, curvature });
    gram.forEach((value, j) => {
      expect(Math.abs(value - dense[j])).toBeLessThan(1e-13 * dense[0] + 1e-15);
    });
    // the rank is at most n rank(S), and the parameters' number
    expect(dense.slice(rank).every((value) => Math.abs(value) < 1e-13 * dense[0])).toBe(true);
  });

  test("refuses a factor beyond the memory limit, saying what it takes", async () => {
    const problem = { ...classifier({ rows: 40 }), curvature: softmaxCurvature };
    await expect(gaussNewtonSpectrum({ ...problem, memoryLimit: 29_000 })).rejects.toThrow(
      "memoryLimit must be at least 29760 bytes for a factor of 120 x 31, got 29000",
    );
    expect(await gaussNewtonSpectrum({ ...problem, memoryLimit: 29_760 })).toHaveLength(31);
  });

  test("one vector an output and row", async () => {
    for await (const { rows, perRow } of gaussNewtonRowBlocks({
      ...classifier(),
      curvature: softmaxCurvature,
    }))
      expect([rows, perRow]).toEqual([7, 3]);
  });

  test("takes the smaller side", () => {
    const entries = [1, 2, 3, 4, 5, 6];
    const A = denseMatrix(entries, 2, 3);
    expect(gramMatrix(A)).toEqual(denseMatrix([14, 32, 32, 77], 2, 2));
    expect(gramMatrix(denseMatrix(entries, 3, 2))).toEqual(denseMatrix([35, 44, 44, 56], 2, 2));
    // trace 91, determinant 14 * 77 - 32 * 32 = 54
    const [large, small] = gramSpectrum(A);
    expect(large + small).toBeCloseTo(91, 12);
    expect(large * small).toBeCloseTo(54, 10);
    expect(() => gramSpectrum({ ...A, columns: 2 })).toThrow(ArgumentError);
  });
});
