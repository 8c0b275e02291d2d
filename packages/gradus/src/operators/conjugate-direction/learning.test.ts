import { compile, constant, f64, gradient, type Tensor, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { symmetricEigenvalues } from "../../linalg/factorize/symmetric-eigenvalues.ts";
import { diffusionOperator, poissonOperator } from "../../linalg/grids/diffusion.ts";
import { csrToDense } from "../../linalg/sparse/csr.ts";
import { gaussianNumbers, largestDifference } from "../../linalg/test-matrices.ts";
import { dot, norm2 } from "../../linalg/vector.ts";
import { directionNetwork } from "../../nn/models/direction-network.ts";
import { randomStream } from "../../random/stream.ts";
import { conjugateDirections } from "./conjugate-directions.ts";
import { directionLoss } from "./direction-loss.ts";
import { networkDirection } from "./network-direction.ts";
import { ritzData } from "./ritz-data.ts";
import { tracedProduct } from "./traced-product.ts";
import { trainDirection } from "./train-direction.ts";

const solid = Uint8Array.from({ length: 30 }, (_, k) => Number(k === 8 || k === 9));

test.each([
  ["a box", poissonOperator({ shape: [5, 6] })],
  ["obstacles and zero sides", poissonOperator({ shape: [5, 6], solid, boundary: "dirichlet" })],
  [
    "coefficients, in space",
    diffusionOperator({ shape: [2, 3, 5], solid, coefficients: gaussianNumbers(1, 30).map(Math.exp) }),
  ],
])("the product inside a graph is the operator's: %s", async (_, A) => {
  const product = tracedProduct(A);
  const x = gaussianNumbers(2, 60);
  using program = await compile((t: Tensor) => product(t), f64(2, 1, ...A.shape));
  const found = Float64Array.from(toNumbers(await program.run(x)));
  const expected = new Float64Array(30);
  for (const batch of [0, 1]) {
    A.apply(x.slice(30 * batch, 30 * (batch + 1)), expected);
    expect(largestDifference(found.subarray(30 * batch, 30 * (batch + 1)), expected)).toBeLessThan(1e-13);
  }
});

test("the loss is what a line search leaves, and its gradient the closed form", async () => {
  const A = poissonOperator({ shape: [4, 5] });
  const n = A.cells;
  const r = A.project(gaussianNumbers(3, n));
  const length = norm2(r);
  for (let k = 0; k < n; k++) r[k] /= length;
  const f = gaussianNumbers(4, n);
  const loss = (t: Tensor) => directionLoss(tracedProduct(A), t, constant(r, [1, 1, 4, 5]));
  using program = await compile((t: Tensor) => [loss(t), gradient(loss)(t)], f64(1, 1, 4, 5));
  const [value, slope] = (await program.run(f)).map((part) => Float64Array.from(toNumbers(part)));
  const product = (v: Float64Array) => {
    const out = new Float64Array(n);
    A.apply(v, out);
    return out;
  };
  const G = product(f);
  const h = dot(f, G);
  const alpha = dot(r, f) / h;
  const e = r.map((v, k) => v - alpha * G[k]);
  expect(value[0]).toBeCloseTo(dot(e, e), 12);
  // dL/dF = -2 alpha A e - 2 <e, G> (R / h - 2 alpha G / h)
  const Ae = product(e);
  const expected = Ae.map((v, k) => -2 * alpha * v - 2 * dot(e, G) * (r[k] / h - (2 * alpha * G[k]) / h));
  expect(largestDifference(slope, expected)).toBeLessThan(1e-10);
});

test("mixtures of Ritz vectors: unit vectors in the range, smooth ones louder, values within the spectrum", async () => {
  const A = poissonOperator({ shape: [12, 12] });
  const { samples, values, steps } = await ritzData({
    operator: A,
    shape: [1, 12, 12],
    count: 40,
    steps: 50,
    seed: 3,
  });
  expect(samples).toMatchObject({ dtype: "f32", shape: [40, 1, 12, 12] });
  expect(steps).toBeLessThanOrEqual(140);
  const spectrum = symmetricEigenvalues(csrToDense(A.toCsr()));
  expect(values[0]).toBeCloseTo(spectrum[0], 3);
  expect(values.at(-1)).toBeGreaterThan(spectrum[142] - 1e-9);
  let quotient = 0;
  for (let i = 0; i < 40; i++) {
    const row = Float64Array.from(toNumbers(samples)).subarray(144 * i, 144 * (i + 1));
    expect(norm2(row)).toBeCloseTo(1, 5);
    expect(Math.abs(row.reduce((sum, v) => sum + v, 0))).toBeLessThan(1e-5);
    const out = new Float64Array(144);
    A.apply(row, out);
    quotient += dot(row, out) / 40;
  }
  // noise has the mean of the spectrum, 4; mixtures whose smooth half is 9 times louder have about that half's
  expect(quotient).toBeLessThan(2.5);
  const smooth = await ritzData({ operator: A, count: 4, steps: 50, smoothest: 5, seed: 3 });
  expect(smooth.samples.shape).toEqual([4, 144]);
  expect(smooth.values.length).toBe(5);
  const small = await ritzData({ operator: poissonOperator({ shape: [2, 2] }), count: 3, steps: 50 });
  expect(small.steps).toBeLessThanOrEqual(4);
});

test("training lowers what a step leaves, and the network runs on another size with an obstacle", {
  timeout: 120_000,
}, async () => {
  const A = poissonOperator({ shape: [16, 16] });
  const model = directionNetwork({ dimension: 2, filters: 8, pre: 1, coarse: 2, fine: 1 });
  const { samples } = await ritzData({ operator: A, shape: [1, 16, 16], count: 440, steps: 100, seed: 1 });
  const { data } = samples;
  if (!(data instanceof Float32Array)) throw new Error("float32");
  const part = (from: number, to: number) => ({
    ...samples,
    shape: [to - from, 1, 16, 16],
    data: data.subarray(256 * from, 256 * to),
  });
  const options = {
    model,
    parameters: model.parameters({ stream: randomStream(1) }),
    product: tracedProduct(A),
    samples: part(0, 400),
    validation: part(400, 440),
    steps: 500,
    threads: 1,
  };
  const { iterate } = await solve(trainDirection(options));
  expect(iterate.steps).toBe(500);
  const { best } = iterate;
  if (!best) throw new Error("no validation");
  expect(best.value).toBeLessThan(0.25); // from 1 at the start
  const half = await solve(trainDirection(options), { maxIterations: 5 });
  const resumed = await solve(trainDirection({ ...options, resume: half.iterate }));
  expect(resumed.iterate.best?.value).toBe(best.value);

  const uneven = { ...options, steps: 70 };
  expect((await solve(trainDirection(uneven))).iterate.steps).toBe(70);

  // what the first step leaves of the validation vectors is their loss
  const { parameters } = best.iterate;
  using own = await networkDirection({ model, parameters, shape: A.shape, threads: 1 });
  const vectors = toNumbers(options.validation);
  let left = 0;
  for (let i = 0; i < 40; i++) {
    const r = Float64Array.from(vectors.slice(256 * i, 256 * (i + 1)));
    const step = await solve(conjugateDirections(A, A.project(r), own), { maxIterations: 1 });
    left += step.iterate.residualNorm ** 2 / 40;
  }
  expect(left / best.value).toBeCloseTo(1, 3);

  const shape = [24, 20];
  const around = Uint8Array.from({ length: 480 }, (_, k) => Number(Math.abs(k - 240) < 4));
  const B = poissonOperator({ shape, solid: around });
  const b = B.project(gaussianNumbers(5, 480));
  using source = await networkDirection({ model, parameters, shape, active: B.active, threads: 1 });
  const { iterate: last } = await solve(conjugateDirections(B, b, source, { relativeTolerance: 1e-3 }), {
    maxIterations: 200,
  });
  expect(last.outcome).toBe("converged");
  expect(last.x.some((value, k) => value !== 0 && B.active[k] === 0)).toBe(false);
});

test("grids that a network cannot halve, and models of another shape, are refused with what to do", async () => {
  const model = directionNetwork({ dimension: 2, filters: 2 });
  const parameters = model.parameters({ stream: randomStream(1) });
  await expect(networkDirection({ model, parameters, shape: [7, 8] })).rejects.toThrow(
    new ArgumentError(
      "directionNetwork takes [batch, 1, ...sizes] with 2 even sizes, got [1, 1, 7, 8]; surround a grid of odd size by a row of solid cells",
    ),
  );
  const other = { apply: (p: { w: Tensor }) => p.w };
  const w = { dtype: "f32", shape: [2], data: new Float32Array(2) } as const;
  await expect(networkDirection({ model: other, parameters: { w }, shape: [4, 4] })).rejects.toThrow(
    "model must return the shape of its input [1, 1, 4, 4], got [2]",
  );
  await expect(ritzData({ operator: poissonOperator({ shape: [4] }), count: 1, shape: [3] })).rejects.toThrow(
    "shape must have 4 entries, got [3]",
  );
});
