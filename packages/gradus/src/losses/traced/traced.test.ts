import { compile, f64, gradient, i64, item, jvp, sum, type Tensor, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { hingeLoss, multiclassHingeLoss } from "../hinge.ts";
import { huberLoss } from "../huber.ts";
import { sigmoidCrossEntropy, softmaxCrossEntropy } from "./cross-entropy.ts";
import { meanAbsoluteError, meanSquaredError } from "./regression.ts";

const numbers = (...values: number[]) => Float64Array.from(values);
const close = (actual: readonly number[], expected: readonly number[], digits = 12) => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], digits);
  });
};

test("squared, absolute and Huber losses have their values by hand, in every reduction", async () => {
  using program = await compile(
    ({ p, t }) => ({
      squared: meanSquaredError(p, t),
      absolute: meanAbsoluteError(p, t, { reduction: "sum" }),
      huber: huberLoss({ delta: 0.5 }).traced(p, t, { reduction: "none" }),
      slope: gradient((q: Tensor) => huberLoss({ delta: 0.5 }).traced(q, t, { reduction: "sum" }))(p),
    }),
    { p: f64("n"), t: f64("n") },
  );
  const result = await program.run({ p: numbers(1, 2, 0.25, 3), t: numbers(1, 0, 0, 6) });
  expect(item(result.squared)).toBeCloseTo((4 + 0.0625 + 9) / 4, 14);
  expect(item(result.absolute)).toBe(5.25);
  close(toNumbers(result.huber), [0, 0.5 * (2 - 0.25), 0.03125, 0.5 * (3 - 0.25)]);
  // The residual, cut at delta.
  close(toNumbers(result.slope), [0, 0.5, 0.25, -0.5]);
});

test("cross-entropies agree with their definitions and stay exact for large logits", async () => {
  using program = await compile(
    ({ z, y, w, labels }) => ({
      binary: sigmoidCrossEntropy(z, y),
      weighted: sigmoidCrossEntropy(z, y, { positiveWeight: 3 }),
      slope: jvp((v: Tensor) => sigmoidCrossEntropy(v, y), z, y).tangent,
      categorical: softmaxCrossEntropy(w, labels),
    }),
    { z: f64("n"), y: f64("n"), w: f64("n", 3), labels: i64("n") },
  );
  const z = [0.4, -1.3, 900];
  const y = [1, 0, 0];
  const w = [0.1, 0.5, -0.2, 1000, 0, 0, 0, 0, 0];
  const result = await program.run({
    z: numbers(...z),
    y: numbers(...y),
    w: numbers(...w),
    labels: Int32Array.of(1, 1, 2),
  });
  const p = (v: number) => 1 / (1 + Math.exp(-v));
  expect(item(result.binary)).toBeCloseTo((-Math.log(p(0.4)) - Math.log(1 - p(-1.3)) + 900) / 3, 12);
  expect(item(result.weighted)).toBeCloseTo((-3 * Math.log(p(0.4)) - Math.log(1 - p(-1.3)) + 900) / 3, 12);
  expect(item(result.slope)).toBeCloseTo((p(0.4) - 1) / 3, 14);
  const first = -Math.log(Math.exp(0.5) / (Math.exp(0.1) + Math.exp(0.5) + Math.exp(-0.2)));
  expect(item(result.categorical)).toBeCloseTo((first + 1000 + Math.log(3)) / 3, 12);
});

test.each([1, 3])(
  "binary cross-entropy keeps digits of rows far on either side, weight %d",
  async (weight) => {
    const loss = (y: Tensor) => (z: Tensor) =>
      sigmoidCrossEntropy(z, y, { positiveWeight: weight, reduction: "sum" });
    using program = await compile(
      ({ z, y }) => ({
        losses: sigmoidCrossEntropy(z, y, { positiveWeight: weight, reduction: "none" }),
        slopes: gradient(loss(y))(z),
        curvatures: gradient((at: Tensor) => sum(gradient(loss(y))(at)))(z),
      }),
      { z: f64("n"), y: f64("n") },
    );
    const margins = [18, 30, 36, 200, 700, -18, -30, -36, -200, -700];
    for (const label of [0, 1]) {
      const sign = label === 1 ? 1 : -1;
      const scale = label === 1 ? weight : 1;
      const traced = await program.run({
        z: Float64Array.from(margins, (m) => sign * m),
        y: Float64Array.from(margins, () => label),
      });
      margins.forEach((margin, i) => {
        // ln(1 + e), e/(1 + e) and e/(1 + e)^2 by their series in e = e^-|m|, for the other side plus |m| and 1 minus it
        const e = Math.exp(-Math.abs(margin));
        const loss = Math.max(0, -margin) + e - e ** 2 / 2;
        const slope = margin > 0 ? e - e ** 2 : 1 - e;
        expect(toNumbers(traced.losses)[i] / (scale * loss)).toBeCloseTo(1, 14);
        expect(toNumbers(traced.slopes)[i] / (-sign * scale * slope)).toBeCloseTo(1, 14);
        expect(toNumbers(traced.curvatures)[i] / (scale * (e - 2 * e ** 2))).toBeCloseTo(1, 13);
      });
    }
    // Labels between 0 and 1, at and beside z = 0, where both branches meet: y w softplus(-z) + (1 - y) softplus(z).
    const z = [0, 1e-3, -1e-3, 2, -2];
    const y = z.map(() => 0.3);
    const traced = await program.run({ z: numbers(...z), y: numbers(...y) });
    const p = z.map((v) => 1 / (1 + Math.exp(-v)));
    const [a, b] = [0.3 * weight, 0.7];
    close(
      toNumbers(traced.losses),
      p.map((q) => -a * Math.log(q) - b * Math.log(1 - q)),
      14,
    );
    close(
      toNumbers(traced.slopes),
      p.map((q) => b * q - a * (1 - q)),
      14,
    );
    close(
      toNumbers(traced.curvatures),
      p.map((q) => (a + b) * q * (1 - q)),
      14,
    );
  },
);

test("class weights, label smoothing and soft targets follow the definition written out", async () => {
  const z = [
    [0.2, -1.1, 0.7],
    [1.5, 0.3, -0.4],
  ];
  const labels = [2, 0];
  const soft = [
    [0.5, 0.25, 0.25],
    [0.1, 0.2, 0.7],
  ];
  const weights = [1, 2, 3];
  const logProbabilities = z.map((row) => {
    const total = Math.log(row.reduce((s, v) => s + Math.exp(v), 0));
    return row.map((v) => v - total);
  });
  const row = (targets: readonly number[], i: number, w: readonly number[]) =>
    -targets.reduce((s, t, c) => s + w[c] * t * logProbabilities[i][c], 0);
  const hard = labels.map((label) => [0, 1, 2].map((c) => (c === label ? 1 : 0)));
  const smoothed = hard.map((t) => t.map((v) => 0.9 * v + 0.1 / 3));
  const ones = [1, 1, 1];
  using program = await compile(
    ({ z, labels, soft, weights }) => ({
      plain: softmaxCrossEntropy(z, labels, { reduction: "none" }),
      weighted: softmaxCrossEntropy(z, labels, { classWeights: [1, 2, 3] }),
      byTensor: softmaxCrossEntropy(z, labels, { classWeights: weights, labelSmoothing: 0.1 }),
      soft: softmaxCrossEntropy(z, soft),
      softWeighted: softmaxCrossEntropy(z, soft, { classWeights: weights, reduction: "sum" }),
      slope: gradient((v: Tensor) => softmaxCrossEntropy(v, soft, { reduction: "sum" }))(z),
    }),
    { z: f64("n", 3), labels: i64("n"), soft: f64("n", 3), weights: f64(3) },
  );
  const result = await program.run({
    z: numbers(...z.flat()),
    labels: Int32Array.from(labels),
    soft: numbers(...soft.flat()),
    weights: numbers(...weights),
  });
  close(toNumbers(result.plain), [row(hard[0], 0, ones), row(hard[1], 1, ones)]);
  expect(item(result.weighted)).toBeCloseTo(
    (row(hard[0], 0, weights) + row(hard[1], 1, weights)) / (3 + 1),
    12,
  );
  const both = row(smoothed[0], 0, weights) + row(smoothed[1], 1, weights);
  expect(item(result.byTensor)).toBeCloseTo(both / (3 + 1), 12);
  expect(item(result.soft)).toBeCloseTo((row(soft[0], 0, ones) + row(soft[1], 1, ones)) / 2, 12);
  expect(item(result.softWeighted)).toBeCloseTo(row(soft[0], 0, weights) + row(soft[1], 1, weights), 12);
  // softmax(z) - t.
  close(
    toNumbers(result.slope),
    logProbabilities.flatMap((r, i) => r.map((v, c) => Math.exp(v) - soft[i][c])),
  );
});

test("hinge losses of signs, by hand", async () => {
  using program = await compile(
    ({ z, y }) => ({
      hinge: hingeLoss().traced(z, y, { reduction: "none" }),
      squared: hingeLoss({ margin: 2, squared: true }).traced(z, y, { reduction: "none" }),
    }),
    { z: f64("n"), y: f64("n") },
  );
  const { hinge, squared } = await program.run({ z: numbers(0, 0.4, -700, 40), y: numbers(1, -1, 1, 1) });
  close(toNumbers(hinge), [1, 1.4, 701, 0]);
  close(toNumbers(squared), [4, 2.4 ** 2, 702 ** 2, 0]);
});

test("the multi-class hinge looks at the strongest other class", async () => {
  using program = await compile(
    ({ z, labels }) => ({
      losses: multiclassHingeLoss(3).traced(z, labels, { reduction: "none" }),
      slope: gradient((v: Tensor) => sum(multiclassHingeLoss(3).traced(v, labels, { reduction: "none" })))(z),
    }),
    { z: f64("n", 3), labels: i64("n") },
  );
  const { losses, slope } = await program.run({
    z: numbers(2, 1.5, -1, 5, 1, 0, 0, 2, 1),
    labels: Int32Array.of(0, 0, 2),
  });
  close(toNumbers(losses), [0.5, 0, 2]);
  close(toNumbers(slope), [-1, 1, 0, 0, 0, 0, 0, 1, -1]);
});

test("bad options name themselves", async () => {
  const traced = (f: (t: { z: Tensor; y: Tensor }) => Tensor) => compile(f, { z: f64("n", 3), y: i64("n") });
  await expect(traced(({ z, y }) => softmaxCrossEntropy(z, y, { labelSmoothing: 1 }))).rejects.toThrow(
    "labelSmoothing must be in [0, 1), got 1",
  );
  await expect(traced(({ z, y }) => softmaxCrossEntropy(z, y, { classWeights: [1, 2] }))).rejects.toThrow(
    /classWeights must be 3 finite numbers/,
  );
  expect(() => huberLoss({ delta: 0 })).toThrow("delta must be a positive number, got 0");
  expect(() => hingeLoss({ margin: -1 })).toThrow("margin must be a non-negative number, got -1");
  await expect(traced(({ z }) => sigmoidCrossEntropy(z, z, { positiveWeight: 0 }))).rejects.toThrow(
    ArgumentError,
  );
});

test("masked logits leave the weighted loss and its gradient finite", async () => {
  using program = await compile(
    ({ z, labels }) => {
      const loss = (at: Tensor) => softmaxCrossEntropy(at, labels, { classWeights: [1, 2, 3] });
      return { value: loss(z), slope: gradient(loss)(z) };
    },
    { z: f64("n", 3), labels: i64("n") },
  );
  const z = numbers(Number.NEGATIVE_INFINITY, 1, 2);
  const { value, slope } = await program.run({ z, labels: Int32Array.of(2) });
  const share = 1 / (1 + Math.E);
  expect(item(value)).toBeCloseTo(Math.log1p(Math.exp(-1)), 14);
  close(toNumbers(slope), [0, share, -share], 14);
});
