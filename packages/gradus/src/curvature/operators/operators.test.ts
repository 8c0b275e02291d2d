import {
  add,
  array,
  compile,
  div,
  gradient,
  jacobian,
  matmul,
  mean,
  mul,
  onesLike,
  reshape,
  slice,
  specsOf,
  square,
  sub,
  sum,
  type Tensor,
  workTimes,
} from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { operatorEntries } from "../../linalg/operator/contract.ts";
import { logisticCurvature, softmaxCurvature, squaredCurvature } from "../../losses/output-curvature.ts";
import { randomStream } from "../../random/stream.ts";
import { takeRows } from "../../tree/rows.ts";
import { perExampleGradientBlocks } from "../rows/per-example.ts";
import { symmetricMatrix } from "../spectrum/symmetric-matrix.ts";
import { classifier, type Labeled, regressor } from "../test-problem.ts";
import { empiricalFisherOperator, fisherOperator } from "./fisher.ts";
import { gaussNewtonOperator } from "./gauss-newton.ts";
import { lossHessianOperator } from "./hessian.ts";

/** A symmetric operator written out, row-major. */
const entries = async (A: Parameters<typeof symmetricMatrix>[0]) => (await symmetricMatrix(A)).values;

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-12): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
  expect(worst).toBeLessThan(tolerance);
}

/** Probabilities of a softmax by hand. */
function probabilities(logits: readonly number[]): number[] {
  const weights = logits.map(Math.exp);
  const total = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / total);
}

const [n, d, K] = [5, 2, 3];
/** A linear softmax model whose parameters are its weights [d, K] alone. */
function linearSoftmax() {
  const stream = randomStream(3);
  const x = stream.fillNormal(new Float64Array(n * d));
  const w = stream.fillNormal(new Float64Array(d * K));
  const p = Array.from({ length: n }, (_, i) =>
    probabilities(Array.from({ length: K }, (_, c) => x[2 * i] * w[c] + x[2 * i + 1] * w[K + c])),
  );
  const network = classifier({ inputs: d, hidden: [], classes: K });
  const parameters = { layers: [{ weights: array(w, [d, K]), bias: array(new Float64Array(K)) }] };
  const y = array(BigInt64Array.of(0n, 1n, 2n, 1n, 0n));
  return { ...network, parameters, data: { x: array(x, [n, d]), y }, x, p, group: "layers.0.weights" };
}

describe("a loss that is not the mean over its rows is refused, whatever memory there is", () => {
  const { loss, parameters, data } = classifier({ rows: 20 });
  const summed: typeof loss = (p, batch) => mul(loss(p, batch), div(sum(onesLike(batch.x)), 3));

  test.each([undefined, 2 ** 20, 40_000, 20_000])("a sum, with %s bytes", async (memoryLimit) => {
    const sums = lossHessianOperator({ loss: summed, parameters, data, memoryLimit });
    await expect(sums).rejects.toThrow(ArgumentError);
    await expect(sums).rejects.toThrow(
      /loss must be the mean over a batch's rows, .*it is their sum; divide/,
    );
  });

  test("rows that depend on each other, a sum over a single row's copies, a sum that is 0 at the parameters", async () => {
    const centered: typeof loss = (p, batch) =>
      loss(p, { ...batch, x: sub(batch.x, mean(batch.x, { axes: 0, keepDims: true })) });
    await expect(lossHessianOperator({ loss: centered, parameters, data })).rejects.toThrow(
      "rows of a batch must not depend on each other",
    );
    const one = takeRows(data, [0]);
    await expect(lossHessianOperator({ loss: summed, parameters, data: one })).rejects.toThrow(
      "it is their sum",
    );
    const zero = {
      parameters: { w: array(new Float64Array(3)) },
      data: { x: data.x, y: data.y },
      loss: ({ w }: { w: Tensor }, batch: Labeled<Tensor>) => sum(square(matmul(batch.x, w))),
    };
    await expect(lossHessianOperator(zero)).rejects.toThrow("it is their sum");
  });

  test("a regularized mean in float32 passes", async () => {
    const single = classifier({ rows: 20, dtype: "f32" });
    const regularized: typeof loss = (p, batch) =>
      add(single.loss(p, batch), mul(sum(square(p.layers[0].weights)), 0.1));
    using H = await lossHessianOperator({ ...single, loss: regularized });
    expect(H.batchRows).toBe(20);
  });
});

describe("a linear softmax model", () => {
  const { x, p, ...problem } = linearSoftmax();
  // H[(a, c), (b, e)] = mean_i x_ia x_ib (p_ic [c = e] - p_ic p_ie)
  const closedForm = Float64Array.from({ length: (d * K) ** 2 }, (_, k) => {
    const [row, column] = [Math.floor(k / (d * K)), k % (d * K)];
    const [a, c, b, e] = [Math.floor(row / K), row % K, Math.floor(column / K), column % K];
    let sum = 0;
    for (let i = 0; i < n; i++)
      sum += x[d * i + a] * x[d * i + b] * ((c === e ? p[i][c] : 0) - p[i][c] * p[i][e]);
    return sum / n;
  });

  test("has the Hessian, the Gauss-Newton and the Fisher matrix of the closed form", async () => {
    using H = await lossHessianOperator(problem);
    using G = await gaussNewtonOperator({ ...problem, curvature: softmaxCurvature });
    using F = await fisherOperator({ ...problem, distribution: "categorical" });
    for (const A of [H, G, F]) expectClose(await entries(A), closedForm);
  });

  test("has rows' gradients x_i (p_i - y_i)^T, whose second moment is the empirical Fisher matrix", async () => {
    const labels = [0, 1, 2, 1, 0];
    const expected = Float64Array.from({ length: n * d * K }, (_, k) => {
      const [i, a, c] = [Math.floor(k / (d * K)), Math.floor(k / K) % d, k % K];
      return x[d * i + a] * (p[i][c] - (labels[i] === c ? 1 : 0));
    });
    for await (const { vectors, rows, perRow } of perExampleGradientBlocks(problem)) {
      expect([rows, perRow]).toEqual([n, 1]);
      expectClose(vectors.values, expected);
    }
    using F = await empiricalFisherOperator(problem);
    const moment = Float64Array.from({ length: (d * K) ** 2 }, (_, k) => {
      const [row, column] = [Math.floor(k / (d * K)), k % (d * K)];
      let sum = 0;
      for (let i = 0; i < n; i++) sum += expected[i * d * K + row] * expected[i * d * K + column];
      return sum / n;
    });
    expectClose(await entries(F), moment);
  });
});

describe("a network", () => {
  test("has the Hessian that the Jacobian of its gradient is", async () => {
    const { loss, parameters, data } = classifier();
    using H = await lossHessianOperator({ loss, parameters, data });
    const sizes = [12, 4, 12, 3];
    using program = await compile(
      (given) =>
        jacobian(
          gradient((w) => {
            const [a, b, c, e] = sizes.map((size, k) => {
              const start = sizes.slice(0, k).reduce((sum, s) => sum + s, 0);
              return slice(w, [{ start, end: start + size }]);
            });
            const layers = [
              { weights: reshape(a, [3, 4]), bias: b },
              { weights: reshape(c, [4, 3]), bias: e },
            ];
            return loss({ layers }, given.data);
          }),
        )(given.w),
      { w: { dtype: "f64", shape: [31] }, data: specsOf(data) },
    );
    const dense = await program.run({ w: H.layout.pack(parameters), data });
    expectClose(await entries(H), Float64Array.from(dense.data, Number));
  });

  test("has the Fisher matrix that the expectation over its own labels is", async () => {
    const { loss, model, parameters, data } = classifier({ rows: 4 });
    using F = await fisherOperator({ model, parameters, data, distribution: "categorical" });
    using program = await compile((given) => model(given.parameters, given.data), {
      parameters: specsOf(parameters),
      data: specsOf(data),
    });
    const logits = (await program.run({ parameters, data })).data;
    const order = F.rows;
    const expected = new Float64Array(order * order);
    for (let label = 0; label < 3; label++) {
      const y = array(new BigInt64Array(4).fill(BigInt(label)));
      for await (const {
        vectors: { values: g },
      } of perExampleGradientBlocks({ loss, parameters, data: { ...data, y } }))
        for (let i = 0; i < 4; i++) {
          const p = probabilities([0, 1, 2].map((c) => Number(logits[3 * i + c])))[label];
          for (let a = 0; a < order; a++)
            for (let b = 0; b < order; b++)
              expected[a * order + b] += (p * g[i * order + a] * g[i * order + b]) / 4;
        }
    }
    expectClose(await entries(F), expected);
  });

  test("at a perfect fit its Hessian is its Gauss-Newton matrix, for squared losses", async () => {
    const { loss, model, parameters, data } = regressor();
    using program = await compile((given) => model(given.parameters, given.data), {
      parameters: specsOf(parameters),
      data: specsOf(data),
    });
    const y = await program.run({ parameters, data });
    using H = await lossHessianOperator({ loss, parameters, data: { ...data, y } });
    using G = await gaussNewtonOperator({ model, curvature: squaredCurvature(), parameters, data });
    expectClose(await entries(H), await entries(G));
  });

  test("has the curvature of logistic losses where single logits are the difference of two", async () => {
    // For logits (f, 0) the softmax matrix restricted to f is p (1 - p): compare S through the factor of each.
    using program = await compile(
      ({ f, u }) => ({ product: logisticCurvature.product(f, u), root: logisticCurvature.root(f, u) }),
      { f: { dtype: "f64", shape: [3] }, u: { dtype: "f64", shape: [3] } },
    );
    const f = Float64Array.of(-2, 0, 3);
    const { product, root } = await program.run({ f, u: new Float64Array(3).fill(1) });
    f.forEach((value, i) => {
      const [p] = probabilities([value, 0]);
      expect(Number(product.data[i])).toBeCloseTo(p * (1 - p), 14);
      expect(Number(root.data[i]) ** 2).toBeCloseTo(p * (1 - p), 14);
    });
  });
});

describe("operators", () => {
  test("of a group are the block of the whole", async () => {
    const problem = classifier();
    using whole = await lossHessianOperator(problem);
    using block = await lossHessianOperator({ ...problem, group: "layers.1" });
    const [H, B] = [await entries(whole), await entries(block)];
    expect(block.layout.slots.map(({ path }) => path)).toEqual(["layers.1.weights", "layers.1.bias"]);
    expect(block.rows).toBe(15);
    const expected = Float64Array.from(
      { length: 15 * 15 },
      (_, k) => H[(16 + Math.floor(k / 15)) * 31 + 16 + (k % 15)],
    );
    expectClose(B, expected);
    using parts = await gaussNewtonOperator({
      ...problem,
      curvature: softmaxCurvature,
      group: ["layers.0.bias", "layers.1.bias"],
    });
    expect(parts.rows).toBe(7);
  });

  test("go through the rows in batches that the memory limit allows, to the same products", async () => {
    const problem = classifier({ rows: 50 });
    for (const make of [
      lossHessianOperator<typeof problem.parameters, typeof problem.data>,
      empiricalFisherOperator<typeof problem.parameters, typeof problem.data>,
    ]) {
      using whole = await make(problem);
      using batched = await make({ ...problem, memoryLimit: 15_000 });
      expect(whole.batchRows).toBe(50);
      expect(batched.batchRows).toBeLessThan(50);
      expectClose((await operatorEntries(batched)).values, await entries(whole));
      expectClose(await entries(batched), (await operatorEntries(whole)).values);
    }
  });

  test("move to other parameters and other data without compiling anew", async () => {
    const [one, two] = [classifier({ seed: 1 }), classifier({ seed: 2, rows: 4 })];
    using first = await lossHessianOperator(one);
    using second = await lossHessianOperator(two);
    const moved = first.at({ parameters: two.parameters, data: two.data });
    expectClose(await entries(moved), await entries(second), 1e-14);
  });

  test("give the same product however often, at every place", async () => {
    const size = { rows: 4000, hidden: [64] };
    const [one, two] = [classifier({ ...size, seed: 1 }), classifier({ ...size, seed: 2, rows: 3000 })];
    using first = await lossHessianOperator(one);
    using second = await lossHessianOperator(two);
    const moved = first.at({ parameters: two.parameters, data: two.data });
    const v = randomStream(5).fillNormal(new Float64Array(first.rows));
    const [here, there, out] = [0, 1, 2].map(() => new Float64Array(first.rows));
    await first.apply(v, here);
    await second.apply(v, there);
    const { programs } = workTimes();
    for (let k = 0; k < 16; k++) {
      await first.apply(v, out);
      expectClose(out, here, 1e-14);
      await moved.apply(v, out);
      expectClose(out, there, 1e-14);
    }
    // so many products of this size are worth two parts, in which what depends on the parameters alone is kept
    expect(workTimes().programs - programs).toBe(2);
  });

  test("compile what is asked for alone, once for all places", async () => {
    const [one, two] = [classifier({ seed: 1 }), classifier({ seed: 2, rows: 4 })];
    const before = workTimes().programs;
    using H = await lossHessianOperator(one);
    const moved = H.at({ parameters: two.parameters, data: two.data });
    expect(workTimes().programs - before).toBe(1); // whether the loss is a mean
    for (const operator of [H, moved]) {
      const column = new Float64Array(31);
      const written = await entries(operator); // by blocks of vectors
      for (let k = 0; k < 31; k++) {
        await operator.apply(new Float64Array(31).fill(1, k, k + 1), column);
        expectClose(column, written.subarray(31 * k, 31 * (k + 1)), 1e-13);
      }
    }
    expect(workTimes().programs - before).toBe(3);
  });

  test("take and give float32 parameters", async () => {
    using single = await lossHessianOperator(classifier({ dtype: "f32" }));
    using double = await lossHessianOperator(classifier());
    expectClose(await entries(single), await entries(double), 1e-6);
  });

  test("say what is wrong", async () => {
    const problem = classifier();
    await expect(lossHessianOperator({ ...problem, memoryLimit: 100 })).rejects.toThrow(
      /memoryLimit must be at least \d+ bytes, the need of one row, got 100/,
    );
    await expect(lossHessianOperator({ ...problem, group: "layers.2" })).rejects.toThrow(
      'group names "layers.2", which is not a parameter path',
    );
    using H = await lossHessianOperator(problem);
    await expect(H.apply(new Float64Array(30), new Float64Array(30))).rejects.toThrow(ArgumentError);
    expect(() => H.at({ parameters: { layers: [] } })).toThrow("parameters must have 4 arrays, got 0");
    const vector = new Float64Array(31);
    vector[7] = Number.NaN;
    await expect(H.apply(vector, new Float64Array(31))).rejects.toThrow(ConvergenceError);
    H.dispose();
    await expect(H.apply(new Float64Array(31), new Float64Array(31))).rejects.toThrow("disposed of");
    const loss = (_: unknown, { x }: Labeled<Tensor>) => x;
    await expect(lossHessianOperator({ ...problem, loss })).rejects.toThrow(
      "must return a floating-point scalar",
    );
    for (const name of ["group", "memoryLimit", "threads", "runtime"]) {
      const wrong = lossHessianOperator({ ...problem, [name]: null });
      await expect(wrong).rejects.toThrow(ArgumentError);
      await expect(wrong).rejects.toThrow(`${name} must not be null`);
    }
    await expect(symmetricMatrix(H, { limit: 30 })).rejects.toThrow(
      "A has order 31, above the limit 30: the dense matrix takes 1 MiB",
    );
  });
});
