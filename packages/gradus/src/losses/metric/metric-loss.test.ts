import {
  add,
  compile,
  div,
  f32,
  f64,
  matmul,
  mul,
  reshape,
  sigmoid,
  sqrt,
  type Tensor,
  valueAndGradient,
} from "@gradus/graph";
import { describe, expect, it } from "vitest";
import { MissingClassError } from "../../check/errors.ts";
import { randomStream } from "../../random/stream.ts";
import { assertClasses, type MetricChoice, type MetricLossOptions, metricLoss } from "./metric-loss.ts";
import { metricByName } from "./metrics.ts";
import { type SoftConfusionMatrix, softConfusionMatrix } from "./soft-confusion-matrix.ts";

/** Loss and d loss / dz of scores z with p = sigma(z). */
async function evaluate(metric: MetricChoice, z: Float64Array, y: Float64Array, options?: MetricLossOptions) {
  const loss = metricLoss(metric, options);
  using program = await compile(
    (inputs) => valueAndGradient((scores: Tensor) => loss(sigmoid(scores), inputs.y))(inputs.z),
    { z: f64("n"), y: f64("n") },
  );
  const { value, gradient } = await program.run({ z, y });
  return { loss: Number(value.data[0]), gradient: Array.from(gradient.data, Number) };
}

const logit = (p: number) => Math.log(p / (1 - p));
const exampleY = Float64Array.of(0, 1, 0, 1);
const exampleZ = Float64Array.of(0.3, 0.48, 0.55, 0.9).map(logit);

// 50 rows of z ~ N(0, 0.3^2), a third of them positive.
const stream = randomStream(11);
const z = Float64Array.from({ length: 50 }, () => 0.3 * stream.normal());
const y = Float64Array.from(z, (_, i) => (i % 3 === 0 ? 1 : 0));

const names = [
  "accuracy",
  "precision",
  "recall",
  "specificity",
  "f1",
  "f0.5",
  "f2",
  "geometricMean",
  "balancedAccuracy",
  "informedness",
  "jaccard",
  "matthews",
  "cohenKappa",
  "fowlkesMallows",
] as const;

/** Mean of precision and specificity: no metric of the list. */
const custom = ({ tp, fp, tn }: SoftConfusionMatrix) =>
  mul(add(div(tp, add(tp, fp)), div(tn, add(tn, fp))), 0.5);
const customNumber = ({ tp, fp, tn }: SoftConfusionMatrix<number>) => (tp / (tp + fp) + tn / (tn + fp)) / 2;

describe("metricLoss", () => {
  it.each([
    ["accuracy", 10, 0.327371],
    ["accuracy", 73, 0.44655],
    ["f1", 10, 0.313736],
    ["f1", 73, 0.429052],
    ["f2", 10, 0.296146],
    ["f2", 73, 0.415305],
    ["geometricMean", 10, 0.328776],
    ["geometricMean", 73, 0.448055],
    ["balancedAccuracy", 10, 0.327371],
    ["balancedAccuracy", 73, 0.44655],
    ["matthews", 10, 0.65343],
    ["matthews", 73, 0.892743],
  ] as const)("gives the worked example's %s loss at slope %d", async (metric, slope, expected) => {
    expect((await evaluate(metric, exampleZ, exampleY, { slope })).loss).toBeCloseTo(expected, 6);
  });

  it.each([
    ["f1", 10, [0.036252, -0.194456, 0.095632, -0.005003]],
    ["f1", 73, [0.000001, -0.956615, 0.06118, 0]],
    ["geometricMean", 10, [0.058806, -0.144773, 0.155128, -0.003725]],
    ["geometricMean", 73, [0.000002, -0.647125, 0.120071, 0]],
  ] as const)(
    "gives the worked example's gradient of the %s loss at slope %d",
    async (metric, slope, expected) => {
      const { gradient } = await evaluate(metric, exampleZ, exampleY, { slope });
      expected.forEach((value, i) => {
        expect(gradient[i]).toBeCloseTo(value, 6);
      });
    },
  );

  it.each<[string, MetricChoice, (matrix: SoftConfusionMatrix<number>) => number]>([
    ...names.map((name): [string, MetricChoice, (matrix: SoftConfusionMatrix<number>) => number] => [
      name,
      name,
      metricByName(name).score,
    ]),
    ["a function of the counts", custom, customNumber],
  ])("differentiates %s as central differences of the numeric counts do", async (_, metric, score) => {
    const { loss, gradient } = await evaluate(metric, z, y);
    const lossAt = (scores: Float64Array) =>
      1 -
      score(
        softConfusionMatrix(
          scores.map((s) => 1 / (1 + Math.exp(-s))),
          y,
        ),
      );
    expect(loss).toBeCloseTo(lossAt(z), 12);
    const h = 1e-6;
    const largest = Math.max(...gradient.map(Math.abs));
    gradient.forEach((value, i) => {
      const moved = (by: number) => lossAt(z.map((s, j) => (j === i ? s + by : s)));
      expect(Math.abs(value - (moved(h) - moved(-h)) / (2 * h))).toBeLessThan(1e-6 * largest);
    });
  });

  it("gives a linear model the paper's closed-form gradients, and G-mean's with 1/2", async () => {
    const n = 60;
    const d = 3;
    const slope = 20;
    const x = stream.fillNormal(new Float64Array(n * d));
    const theta = Float64Array.of(0.2, -0.1, 0.05);
    const labels = Float64Array.from({ length: n }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const p = Float64Array.from({ length: n }, (_, i) => {
      let score = 0;
      for (let j = 0; j < d; j++) score += x[i * d + j] * theta[j];
      return 1 / (1 + Math.exp(-score));
    });
    const { tp, fp, tn, positives: P, negatives: N } = softConfusionMatrix(p, labels, { slope });
    const decided = tp + fp;
    const s = new Float64Array(d);
    const s1 = new Float64Array(d);
    p.forEach((q, i) => {
      const a = 1 / (1 + Math.exp(-slope * (q - 0.5)));
      const w = slope * a * (1 - a) * q * (1 - q);
      for (let j = 0; j < d; j++) {
        s[j] += x[i * d + j] * w;
        s1[j] += x[i * d + j] * w * labels[i];
      }
    });
    const closed = {
      accuracy: s.map((total, j) => (total - 2 * s1[j]) / n),
      f2: s.map((total, j) => (-5 * ((4 * P + decided) * s1[j] - tp * total)) / (4 * P + decided) ** 2),
      balancedAccuracy: s.map((total, j) => -(n * s1[j] - P * total) / (2 * P * N)),
      geometricMean: s.map(
        (total, j) => -(s1[j] * tn + tp * (s1[j] - total)) / (2 * Math.sqrt(P * N * tp * tn)),
      ),
    } as const;
    for (const metric of ["accuracy", "f2", "balancedAccuracy", "geometricMean"] as const) {
      const loss = metricLoss(metric, { slope });
      using program = await compile(
        (inputs) =>
          valueAndGradient((weights: Tensor) =>
            loss(sigmoid(reshape(matmul(inputs.x, weights), ["n"])), inputs.labels),
          )(inputs.theta).gradient,
        { theta: f64(d, 1), x: f64("n", d), labels: f64("n") },
      );
      const { data } = await program.run({ theta, x, labels });
      closed[metric].forEach((value, j) => {
        expect(data[j], `${metric} ${j}`).toBeCloseTo(value, 12);
      });
    }
  });

  it("takes the slope as an input of the program", async () => {
    using program = await compile(
      (inputs) => metricLoss("f1", { slope: inputs.slope })(sigmoid(inputs.z), inputs.y),
      { z: f64("n"), y: f64("n"), slope: f64() },
    );
    const at = async (slope: number) =>
      Number((await program.run({ z: exampleZ, y: exampleY, slope })).data[0]);
    expect(await at(10)).toBeCloseTo(0.313736, 6);
    expect(await at(73)).toBeCloseTo(0.429052, 6);
  });

  it("pools columns with the micro reduction and averages their metrics with the macro one", async () => {
    const losses = ["micro", "macro"] as const;
    using program = await compile(
      (inputs) => losses.map((reduction) => metricLoss("f1", { reduction, slope: 10 })(inputs.p, inputs.y)),
      { p: f64("n", 2), y: f64("n", 2) },
    );
    const p = Float64Array.of(0.3, 0.6, 0.7, 0.2, 0.9, 0.4);
    const labels = Float64Array.of(0, 1, 1, 0, 1, 1);
    const f1 = metricByName("f1").score;
    const column = (j: number) =>
      f1(
        softConfusionMatrix(
          p.filter((_, i) => i % 2 === j),
          labels.filter((_, i) => i % 2 === j),
          { slope: 10 },
        ),
      );
    const [micro, macro] = await program.run({ p, y: labels });
    expect(micro.data[0]).toBeCloseTo(1 - f1(softConfusionMatrix(p, labels, { slope: 10 })), 12);
    expect(macro.data[0]).toBeCloseTo(1 - (column(0) + column(1)) / 2, 12);
  });

  it("marks, skips or zeroes batches without a class that the metric divides by", async () => {
    const ones = Float64Array.of(1, 1, 1, 1);
    for (const metric of ["geometricMean", "cohenKappa"] as const)
      expect((await evaluate(metric, exampleZ, ones)).loss).toBeNaN();
    // by rounding alone, it was 2/3
    expect((await evaluate("cohenKappa", new Float64Array(7), new Float64Array(7))).loss).toBeNaN();
    for (const metric of ["geometricMean", "cohenKappa", custom] as const) {
      const skipped = await evaluate(metric, exampleZ, ones, { onMissingClass: "skip" });
      expect(skipped).toEqual({ loss: 0, gradient: [0, 0, 0, 0].map(() => expect.closeTo(0, 15)) });
      const zeroed = await evaluate(metric, exampleZ, ones, { onMissingClass: "zero" });
      expect(zeroed).toEqual({ loss: 1, gradient: [0, 0, 0, 0].map(() => expect.closeTo(0, 15)) });
    }
    const whole = await evaluate("geometricMean", exampleZ, exampleY, { onMissingClass: "skip" });
    expect(whole.loss).toBeCloseTo(0.448055, 6);
    expect(whole.gradient[1]).toBeCloseTo(-0.647125, 6);
    expect((await evaluate("accuracy", exampleZ, ones)).loss).toBeGreaterThan(0);
  });

  it.each(["f1", "f2", "precision", "jaccard"] as const)(
    "has no gradient in a batch without positives, where %s is 0 for any predictions",
    async (metric) => {
      const none = new Float64Array(4);
      expect(await evaluate(metric, exampleZ, none)).toEqual({ loss: 1, gradient: [0, 0, 0, 0] });
    },
  );

  it("clamps G-mean in float32, where all wrong decisions are sure", async () => {
    const loss = metricLoss("geometricMean", { slope: 400, warn: () => undefined });
    using program = await compile((inputs) => valueAndGradient((p: Tensor) => loss(p, inputs.y))(inputs.p), {
      p: f32("n"),
      y: f32("n"),
    });
    const { value, gradient } = await program.run({ p: Float32Array.of(1, 0), y: Float32Array.of(0, 1) });
    expect(value.data[0]).toBeCloseTo(1 - 1e-6, 7);
    expect(Array.from(gradient.data, Number).every(Number.isFinite)).toBe(true);
  });

  it("warns of slopes that float32 cannot resolve, and of no others", () => {
    const trace = async (slope: number, type: typeof f32 | typeof f64) => {
      const warnings: string[] = [];
      const loss = metricLoss("f1", { slope, warn: (message) => warnings.push(message) });
      using _ = await compile((inputs) => loss(inputs.p, inputs.y), { p: type("n"), y: type("n") });
      return warnings;
    };
    return Promise.all([
      expect(trace(73, f32)).resolves.toEqual([expect.stringContaining("vanishes for p > 0.5 + 0.227")]),
      expect(trace(33, f32)).resolves.toEqual([]),
      expect(trace(73, f64)).resolves.toEqual([]),
    ]);
  });

  it("names arguments it cannot use", async () => {
    expect(() => metricLoss("f1", { slope: 0 })).toThrow("slope must be a positive number, got 0");
    expect(() => metricLoss("f0")).toThrow("beta must be a positive number");
    const loss = metricLoss("f1");
    await expect(compile(({ p, y }) => loss(p, y), { p: f64("n"), y: f32("n") })).rejects.toThrow(
      "labels must have the type and shape of the probabilities, f64[n], got f32[n]",
    );
  });
});

describe("assertClasses", () => {
  it("names the metric and the class that is missing", () => {
    expect(() => assertClasses("geometricMean", [1, 1])).toThrow(
      new MissingClassError(
        "geometricMean divides by the number of negative rows, but none of the 2 rows has label 0",
      ),
    );
    expect(() => assertClasses("recall", Int32Array.of(0, 0))).toThrow(
      "recall divides by the number of positive rows",
    );
    expect(() => assertClasses(({ tp }) => sqrt(tp), [1, 1])).toThrow(MissingClassError);
    for (const metric of ["f1", "f0.5", "precision", "jaccard"] as const)
      expect(() => assertClasses(metric, [0, 0])).toThrow(
        new MissingClassError(
          `${metric} is 0 for any predictions without positive rows, but none of the 2 rows has label 1`,
        ),
      );
    expect(() => assertClasses("f1", [1, 1])).not.toThrow();
    expect(() => assertClasses("accuracy", [1, 1])).not.toThrow();
  });
});
