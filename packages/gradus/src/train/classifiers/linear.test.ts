import { describe, expect, it } from "vitest";
import { ConvergenceError, MissingClassError } from "../../check/errors.ts";
import { gaussianPair } from "../../data/generators/gaussian-pair.ts";
import { selectRows } from "../../data/rows.ts";
import { standardize } from "../../data/standardize.ts";
import { type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { geometricMean } from "../../statistics/classification-metrics.ts";
import { confusionMatrix } from "../../statistics/confusion-matrix.ts";
import { compileLinearClassifier, fitLinearClassifier } from "./linear.ts";
import { anyLoss, crossEntropyLoss, scoreLoss, squaredErrorLoss } from "./loss.ts";
import { predictionsOf, probabilitiesOf } from "./model.ts";

const { x, y } = gaussianPair({ n: 120, d: 3, positiveShare: 0.2, separation: 1.5, seed: 4 });
const sigma = (u: number) => 1 / (1 + Math.exp(-u));

/** The single-layer perceptron of the paper, written out for F_1 and G-mean with their closed-form gradients. */
function paperPerceptron(
  metric: "f1" | "geometricMean",
  steps: number,
  rate: number,
  slope: number,
): number[] {
  const theta = new Float64Array(x.columns + 1);
  const column = (i: number, j: number) => (j === x.columns ? 1 : x.values[i * x.columns + j]);
  const P = y.reduce((total, label) => total + label, 0);
  const N = x.rows - P;
  for (let t = 0; t < steps; t++) {
    let [tp, fp, tn] = [0, 0, 0];
    const s = new Float64Array(x.columns + 1);
    const s1 = new Float64Array(x.columns + 1);
    for (let i = 0; i < x.rows; i++) {
      let z = 0;
      for (let j = 0; j <= x.columns; j++) z += column(i, j) * theta[j];
      const p = sigma(z);
      const a = sigma(slope * (p - 0.5));
      const b = sigma(-slope * (p - 0.5));
      const w = slope * a * b * p * sigma(-z);
      if (y[i] === 1) tp += a;
      else {
        fp += a;
        tn += b;
      }
      for (let j = 0; j <= x.columns; j++) {
        s[j] += column(i, j) * w;
        s1[j] += column(i, j) * w * y[i];
      }
    }
    for (let j = 0; j <= x.columns; j++) {
      const gradient =
        metric === "f1"
          ? (-2 * ((P + tp + fp) * s1[j] - tp * s[j])) / (P + tp + fp) ** 2
          : -(s1[j] * tn + tp * (s1[j] - s[j])) / (2 * Math.sqrt(P * N * tp * tn));
      theta[j] -= rate * gradient;
    }
  }
  return [...theta];
}

describe("fitLinearClassifier", () => {
  it.each(["f1", "geometricMean"] as const)(
    "follows the paper's perceptron on the %s loss",
    async (metric) => {
      const { model } = await fitLinearClassifier(x, y, {
        loss: anyLoss(metric, { slope: 30 }),
        epochs: 50,
        learningRate: 0.02,
      });
      paperPerceptron(metric, 50, 0.02, 30).forEach((value, j) => {
        expect(j === x.columns ? model.bias : model.weights[j]).toBeCloseTo(value, 12);
      });
    },
  );

  it("finds the least-squares fit of targets -1 and 1 by the squared error", async () => {
    // One centered column: the slope is sum(x t)/sum(x x), the intercept the mean of the targets.
    const column = denseMatrix([-2, -1, 0, 1, 2], 5, 1);
    const labels = [0, 0, 1, 0, 1];
    const { model, converged } = await fitLinearClassifier(column, labels, {
      loss: squaredErrorLoss(),
      learningRate: 0.1,
      epochs: 4000,
      tolerance: 1e-15,
    });
    expect(converged).toBe(true);
    expect(model.weights[0]).toBeCloseTo(4 / 10, 8);
    expect(model.bias).toBeCloseTo(-1 / 5, 8);
  });

  it("weighs classes as repeating the rows of the rarer one would", async () => {
    const rows = [...y.keys()].flatMap((i) => (y[i] === 1 ? [i, i, i, i] : [i]));
    const repeated = selectRows(x, rows);
    const balanced = await fitLinearClassifier(x, y, {
      loss: crossEntropyLoss({ positiveWeight: "balanced" }),
      epochs: 200,
      learningRate: 0.3,
    });
    const plain = await fitLinearClassifier(
      repeated,
      rows.map((i) => y[i]),
      { loss: crossEntropyLoss(), epochs: 200, learningRate: 0.3 },
    );
    expect(balanced.model.bias).toBeCloseTo(plain.model.bias, 10);
    balanced.model.weights.forEach((w, j) => {
      expect(w).toBeCloseTo(plain.model.weights[j], 10);
    });
  });

  it("reaches the logistic regression of 24 rows, where the scores' residuals are orthogonal to the columns", async () => {
    const stream = randomStream(8);
    const rows = 24;
    const features = stream.fillNormal(new Float64Array(rows * 2));
    const labels = Array.from({ length: rows }, (_, i) => (features[2 * i] + stream.normal() > 0 ? 1 : 0));
    const { model } = await fitLinearClassifier(denseMatrix(features, rows, 2), labels, {
      loss: crossEntropyLoss(),
      learningRate: 1,
      epochs: 5000,
    });
    const residuals = probabilitiesOf(model, denseMatrix(features, rows, 2)).map((p, i) => p - labels[i]);
    for (const column of [() => 1, (i: number) => features[2 * i], (i: number) => features[2 * i + 1]])
      expect(residuals.reduce((total, r, i) => total + r * column(i), 0)).toBeCloseTo(0, 8);
  });

  it("gains in the metric that it targets over cross-entropy, on imbalanced rows", async () => {
    const rows = gaussianPair({ n: 600, d: 4, positiveShare: 0.1, separation: 1.5, seed: 2 });
    const features = standardize(rows.x).apply(rows.x);
    const gain = async (loss: Parameters<typeof fitLinearClassifier>[2]["loss"], learningRate: number) => {
      const { model } = await fitLinearClassifier(features, rows.y, { loss, learningRate, epochs: 500 });
      return geometricMean(confusionMatrix(rows.y, predictionsOf(model, features)));
    };
    const entropy = await gain(crossEntropyLoss(), 0.1);
    expect(await gain(anyLoss("geometricMean"), 0.005)).toBeGreaterThan(entropy + 0.2);
    expect(await gain(scoreLoss("geometricMean"), 0.01)).toBeGreaterThan(entropy + 0.2);
  });

  it("trains in float32 to the float64 weights, to float32's precision", async () => {
    const loss = anyLoss("balancedAccuracy", { slope: 30 });
    const [single, double] = await Promise.all(
      (["f32", "f64"] as const).map((dtype) => fitLinearClassifier(x, y, { loss, dtype, epochs: 100 })),
    );
    single.model.weights.forEach((w, j) => {
      expect(w).toBeCloseTo(double.model.weights[j], 5);
      expect(w).not.toBe(double.model.weights[j]);
    });
  });

  it("keeps a history with the loss before each entry's steps, from ln 2 for cross-entropy", async () => {
    const { history, converged } = await fitLinearClassifier(x, y, {
      loss: crossEntropyLoss(),
      epochs: 5,
      epochsPerEntry: 2,
    });
    expect(history.map(({ epoch }) => epoch)).toEqual([2, 4, 5]);
    expect(history[0].loss).toBeLessThan(Math.LN2);
    expect(history[2].loss).toBeLessThan(history[1].loss);
    expect(converged).toBe(false);
  });

  it("predicts by the loss's threshold", async () => {
    const { model } = await fitLinearClassifier(x, y, {
      loss: anyLoss("f1", { threshold: 0.3 }),
      epochs: 10,
    });
    expect(model.threshold).toBe(0.3);
    const probabilities = probabilitiesOf(model, x);
    predictionsOf(model, x).forEach((label, i) => {
      expect(label).toBe(probabilities[i] > 0.3 ? 1 : 0);
    });
  });

  it("reports where the loss stops being finite", async () => {
    const run = fitLinearClassifier(x, y, {
      loss: squaredErrorLoss(),
      learningRate: 1e3,
      epochs: 1000,
    });
    await expect(run).rejects.toThrow(ConvergenceError);
    await expect(run).rejects.toThrow(
      /the loss became Infinity at epoch \d+, batch 1; the last finite loss was/,
    );
  });

  it("refuses what it cannot train on, by name", async () => {
    const loss = anyLoss("f1");
    const fit = (
      features: DenseMatrix,
      labels: ArrayLike<number>,
      options: Partial<Parameters<typeof fitLinearClassifier>[2]> = {},
    ) => fitLinearClassifier(features, labels, { loss, ...options });
    await expect(fit(denseMatrix([1, 2, 3], 3, 1), [0, 1])).rejects.toThrow(
      "x must have one row for each of the 2 labels, got 3",
    );
    await expect(fit(Float64Array.of(1, 2) as unknown as DenseMatrix, [0, 1])).rejects.toThrow(
      "x must be a matrix { rows, columns, values }",
    );
    await expect(fit(denseMatrix([1, Number.NaN], 2, 1), [0, 1])).rejects.toThrow(
      "got NaN in row 1, column 0",
    );
    await expect(fit(denseMatrix([1, 2], 2, 1), [-1, 1])).rejects.toThrow(
      "map labels -1 and 1 by (y + 1) / 2",
    );
    await expect(fit(denseMatrix([1, 2], 2, 1), [1, 1])).rejects.toThrow(
      new MissingClassError("y must have both classes, but none of its 2 rows is 0"),
    );
    await expect(fit(x, y, { learningRate: 0 })).rejects.toThrow(
      "learningRate must be a positive number, got 0",
    );
    await expect(fit(x, y, { epochs: 0.5 })).rejects.toThrow("epochs must be a positive integer, got 0.5");
    await expect(fit(x, y, { tolerance: -1 })).rejects.toThrow("tolerance must be a number >= 0, got -1");
    await expect(fit(x, y, { warmStart: { fraction: 1 } })).rejects.toThrow(
      "fraction must be in (0, 1), got 1",
    );
    const reason = new Error("enough");
    await expect(fit(x, y, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("compileLinearClassifier", () => {
  it("fits other rows and step sizes with one program, each time from fresh weights", async () => {
    using trainer = await compileLinearClassifier({ features: x.columns, loss: anyLoss("f2") });
    const first = await trainer.fit(x, y, { epochs: 30 });
    const half = await trainer.fit(
      selectRows(
        x,
        Int32Array.from({ length: 60 }, (_, i) => i),
      ),
      y.subarray(0, 60),
      {
        epochs: 30,
        learningRate: 0.1,
      },
    );
    const again = await trainer.fit(x, y, { epochs: 30 });
    expect(again.model).toStrictEqual(first.model);
    expect(half.model.weights).not.toStrictEqual(first.model.weights);
    await expect(trainer.fit(x, y.subarray(1))).rejects.toThrow(
      "x must have one row for each of the 119 labels, got 120",
    );
  });

  it("needs every class in its batches when the loss does, unless told otherwise", async () => {
    const options = { features: x.columns, loss: anyLoss("geometricMean"), batchSize: 4 };
    using stratified = await compileLinearClassifier(options);
    await expect(stratified.fit(x, y, { epochs: 2 })).rejects.toThrow(MissingClassError);
    using shuffled = await compileLinearClassifier({ ...options, stratify: false });
    await expect(shuffled.fit(x, y, { epochs: 2 })).rejects.toThrow(
      /geometricMean divides by the number of (positive|negative) rows.*: epoch 1, batch \d+/,
    );
    using skipping = await compileLinearClassifier({
      ...options,
      loss: anyLoss("geometricMean", { onMissingClass: "skip" }),
      stratify: false,
    });
    const { model } = await skipping.fit(x, y, { epochs: 20 });
    expect(model.weights.every(Number.isFinite)).toBe(true);
    using large = await compileLinearClassifier({ ...options, batchSize: 30 });
    const one = await large.fit(x, y, { epochs: 5, seed: 1 });
    const same = await large.fit(x, y, { epochs: 5, seed: 1 });
    const other = await large.fit(x, y, { epochs: 5, seed: 2 });
    expect(one.model).toStrictEqual(same.model);
    expect(one.model.weights).not.toStrictEqual(other.model.weights);
  });
});
