import { array, mean, mul, square, sum, type Tensor } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { ArgumentError, ConvergenceError, DataError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { symmetricEigen } from "../../linalg/factorize/symmetric-eigen.ts";
import { randomStream } from "../../random/stream.ts";
import { takeRows } from "../../tree/rows.ts";
import { lossHessianOperator } from "../operators/hessian.ts";
import { symmetricMatrix } from "../spectrum/symmetric-matrix.ts";
import { classifier, type Labeled } from "../test-problem.ts";
import { drawBatch } from "./draw-batch.ts";
import { batchExtremeEigenvalues } from "./extreme-eigenvalues.ts";
import { hessianVariance, localHessianVariance } from "./hessian-variance.ts";
import { localBatchEigenvalue } from "./local-eigenvalue.ts";

const problem = classifier({ rows: 12 });

/** Every row's own Hessian, written out, and their mean. */
async function rowHessians() {
  using H = await lossHessianOperator(problem);
  const each: Float64Array[] = [];
  for (let row = 0; row < 12; row++)
    each.push((await symmetricMatrix(H.at({ data: takeRows(problem.data, [row]) }))).values);
  return { each, whole: (await symmetricMatrix(H)).values, dimension: H.rows };
}

describe("the variance of row Hessians", () => {
  test("is that of the written-out matrices, within its error", async () => {
    const { each, whole, dimension } = await rowHessians();
    let exact = 0;
    for (const H of each) for (let j = 0; j < H.length; j++) exact += (H[j] - whole[j]) ** 2 / 11 / dimension;
    const { iterate } = await solve(hessianVariance(problem, { probes: 60 }));
    expect(Math.abs(iterate.hessianVariance - exact)).toBeLessThan(4 * iterate.standardError);
    expect(iterate.standardError).toBeLessThan(0.2 * exact);
    let trace = 0;
    for (let j = 0; j < dimension; j++) trace += whole[j * dimension + j] / dimension;
    expect(iterate.meanCurvature).toBeCloseTo(trace, 1);
    expect(iterate.shrinkage).toBeGreaterThanOrEqual(0);
    expect(iterate.shrinkage).toBeLessThanOrEqual(1);
  });

  test("traces and compiles the rows' products once, however many probes there are", async () => {
    const traced = async (probes: number): Promise<number> => {
      let count = 0;
      const loss: typeof problem.loss = (parameters, batch) => {
        count += 1;
        return problem.loss(parameters, batch);
      };
      await solve(hessianVariance({ ...problem, loss }, { probes }));
      return count;
    };
    expect(await traced(5)).toBe(await traced(1));
  });

  test("is exact for row Hessians that are multiples of the identity", async () => {
    // loss = mean of x_i |w|^2 / 2: H_i = x_i I, so that s^2 is the variance of x and the mean curvature its mean
    const x = array(Float64Array.of(1, 2, 4, 9));
    const diagonal = {
      parameters: { w: array(Float64Array.of(0.3, -0.2, 0.5)) },
      data: { x, y: x },
      loss: ({ w }: { w: Tensor }, batch: Labeled<Tensor>) => mul(mean(batch.x), mul(sum(square(w)), 0.5)),
    };
    const { iterate } = await solve(hessianVariance(diagonal, { probes: 2 }));
    expect(iterate.hessianVariance).toBeCloseTo(38 / 3, 12);
    expect(iterate.meanCurvature).toBeCloseTo(4, 13);
    expect(iterate.standardError).toBeLessThan(1e-12);
    const local = await localHessianVariance(diagonal, Float64Array.of(2, 0, 0));
    expect(local.along).toBeCloseTo(38 / 3, 12);
    expect(Math.abs(local.across)).toBeLessThan(1e-12);
  });

  test("along and across a direction are those of the written-out matrices", async () => {
    const { each, whole, dimension } = await rowHessians();
    const u = randomStream(3).fillNormal(new Float64Array(dimension));
    const length = Math.hypot(...u);
    let [along, across] = [0, 0];
    for (const H of each) {
      const product = u.map((_, i) => {
        let entry = 0;
        for (let j = 0; j < dimension; j++)
          entry += ((H[i * dimension + j] - whole[i * dimension + j]) * u[j]) / length;
        return entry;
      });
      const part = product.reduce((t, value, i) => t + (value * u[i]) / length, 0);
      along += part ** 2 / 11;
      across += product.reduce((t, value, i) => t + (value - (part * u[i]) / length) ** 2, 0) / 11;
    }
    const local = await localHessianVariance(problem, u);
    expect(local.along).toBeCloseTo(along, 12);
    expect(local.across).toBeCloseTo(across, 12);
  });

  test("resumes bit for bit, and names what is wrong", async () => {
    const whole = await solve(hessianVariance(problem, { probes: 3 }));
    const half = await solve(hessianVariance(problem, { probes: 1 }));
    const resumed = await solve(hessianVariance(problem, { probes: 3, resume: half.iterate }));
    expect(resumed.iterate).toEqual(whole.iterate);
    expect(half.iterate.standardError).toBeNaN();
    expect(() => hessianVariance(problem, { probes: 0 })).toThrow(ArgumentError);
    const single = { ...problem, data: takeRows(problem.data, [3]) };
    expect(() => hessianVariance(single)).toThrow(DataError);
    await expect(localHessianVariance(single, new Float64Array(31).fill(1))).rejects.toThrow(
      "at least 2 rows",
    );
    await expect(localHessianVariance(problem, new Float64Array(31))).rejects.toThrow("u must be nonzero");
    await expect(localHessianVariance(problem, new Float64Array(30).fill(1))).rejects.toThrow("31 numbers");
    const bad = takeRows(problem.data, [0, 1, 2]);
    bad.x.data[4] = Number.NaN;
    await expect(solve(hessianVariance({ ...problem, data: bad }))).rejects.toThrow(ConvergenceError);
    await expect(solve(hessianVariance({ ...problem, data: bad }))).rejects.toThrow("probe 0: row 1");
  });
});

describe("batches", () => {
  test("have extreme eigenvalues whose mean large batches bring to perturbation theory's", async () => {
    const many = { ...classifier({ rows: 400, seed: 2 }) };
    using H = await lossHessianOperator(many);
    const dimension = H.rows;
    const { values, vectors } = symmetricEigen(await symmetricMatrix(H));
    const [lambda] = values;
    const u = Float64Array.from({ length: dimension }, (_, i) => vectors.values[i * dimension]);
    const { across } = await localHessianVariance(many, u);
    const method = batchExtremeEigenvalues(H, many.data, { batchSize: 100, batches: 40, steps: 20 });
    const { largest, smallest, effectiveBatch } = (await solve(method)).iterate;
    expect(effectiveBatch).toBeCloseTo(100 / 0.75, 12);
    expect([largest.length, smallest.length]).toEqual([40, 40]);
    const average = largest.reduce((t, value) => t + value / 40, 0);
    const error = Math.sqrt(largest.reduce((t, value) => t + (value - average) ** 2 / 39 / 40, 0));
    const predicted = localBatchEigenvalue({ lambda, across, effectiveBatch });
    // to second order; divided by the gaps to the other eigenvalues it would be larger
    expect(average).toBeGreaterThan(lambda - 3 * error);
    expect(Math.abs(average - predicted)).toBeLessThan(0.1 * lambda + 3 * error);
  });

  test("of all rows have the eigenvalues of the data, and the same seed the same batches", async () => {
    using H = await lossHessianOperator(problem);
    const exact = symmetricEigen(await symmetricMatrix(H)).values;
    const all = await solve(
      batchExtremeEigenvalues(H, problem.data, { batchSize: 12, batches: 2, steps: 31 }),
    );
    for (let k = 0; k < 2; k++) {
      expect(all.iterate.largest[k]).toBeCloseTo(exact[0], 12);
      expect(all.iterate.smallest[k]).toBeCloseTo(exact[30], 12);
    }
    const options = { batchSize: 4, batches: 3, seed: 5, replacement: true };
    const whole = (await solve(batchExtremeEigenvalues(H, problem.data, options))).iterate;
    const half = (await solve(batchExtremeEigenvalues(H, problem.data, { ...options, batches: 1 }))).iterate;
    const resumed = await solve(batchExtremeEigenvalues(H, problem.data, { ...options, resume: half }));
    expect(resumed.iterate).toEqual(whole);
    expect(whole.effectiveBatch).toBe(4);
    expect(() => batchExtremeEigenvalues(H, problem.data, { batchSize: 13 })).toThrow("batchSize");
    expect(() => batchExtremeEigenvalues(H, problem.data, { batchSize: 3, steps: 0 })).toThrow("steps");
  });

  test("are the rows asked for, of every kind of array", () => {
    const data = {
      x: array(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]),
      y: array(BigInt64Array.of(7n, 8n, 9n)),
      on: { dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) },
    } as const;
    const taken = takeRows(data, [2, 0, 2, 1]);
    expect([...taken.x.data]).toEqual([5, 6, 1, 2, 5, 6, 3, 4]);
    expect(taken.x.shape).toEqual([4, 2]);
    expect([...taken.y.data]).toEqual([9n, 7n, 9n, 8n]);
    expect([...taken.on.data]).toEqual([1, 1, 1, 0]);
    expect(() => takeRows(data, [3])).toThrow("rows[0] must be an integer from 0 to 2, got 3");
    expect(() => takeRows(data, [])).toThrow(ArgumentError);
    const rows = drawBatch(randomStream(1), 10, 6);
    expect(new Set(rows).size).toBe(6);
    expect(Math.max(...drawBatch(randomStream(1), 3, 50, { replacement: true }))).toBe(2);
  });
});
