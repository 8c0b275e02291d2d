import { array, compile, f64, gradient, item, sum, type Tensor, toNumbers } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { DataError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import { absoluteLoss } from "./absolute.ts";
import type { Loss } from "./contract.ts";
import { expectedCostLoss } from "./expected-cost.ts";
import { hingeLoss, multiclassHingeLoss } from "./hinge.ts";
import { huberLoss } from "./huber.ts";
import { binaryLogisticLoss, decayOf, logisticLoss, weightAlone, weightOfMargin } from "./logistic.ts";
import { softmaxLoss } from "./softmax.ts";
import { squaredLoss } from "./squared.ts";

const rows = 12;
const stream = randomStream(3);
const numbers = (length: number) => Array.from({ length }, () => 2 * stream.normal());

interface Case {
  readonly loss: Loss;
  readonly outputs: number;
  readonly labels: readonly number[];
  /** A label for which there is no loss. */
  readonly wrong: number;
}

const signs = Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? 1 : -1));
const classes = Array.from({ length: rows }, (_, i) => i % 4);
const cases: Readonly<Record<string, Case>> = {
  squared: { loss: squaredLoss, outputs: 3, labels: numbers(3 * rows), wrong: Number.NaN },
  absolute: { loss: absoluteLoss, outputs: 2, labels: numbers(2 * rows), wrong: Number.NaN },
  Huber: { loss: huberLoss({ delta: 0.7 }), outputs: 2, labels: numbers(2 * rows), wrong: Number.NaN },
  logistic: { loss: logisticLoss, outputs: 1, labels: signs, wrong: 0 },
  "logistic, 0 and 1": {
    loss: binaryLogisticLoss,
    outputs: 1,
    labels: signs.map((y) => (y + 1) / 2),
    wrong: -1,
  },
  hinge: { loss: hingeLoss(), outputs: 1, labels: signs, wrong: 0 },
  "squared hinge": { loss: hingeLoss({ margin: 2, squared: true }), outputs: 1, labels: signs, wrong: 0 },
  softmax: { loss: softmaxLoss(4), outputs: 4, labels: classes, wrong: 4 },
  "multiclass hinge": { loss: multiclassHingeLoss(4), outputs: 4, labels: classes, wrong: -1 },
  "expected cost": { loss: expectedCostLoss, outputs: 3, labels: numbers(3 * rows), wrong: Number.NaN },
};

function evaluated(loss: Loss, outputs: Float64Array, labels: Float64Array) {
  const losses = new Float64Array(rows);
  const slopes = new Float64Array(outputs.length);
  loss.evaluate(outputs, labels, losses, slopes);
  return { losses, slopes, total: losses.reduce((sum, value) => sum + value, 0) };
}

describe.each(Object.entries(cases))("%s", (_, { loss, outputs: width, labels: given, wrong }) => {
  const labels = Float64Array.from(given);
  const outputs = Float64Array.from({ length: rows * width }, () => 1.5 * stream.normal());

  test("has the gradient and the curvatures of its value (central differences)", () => {
    const h = 1e-5;
    const { slopes } = evaluated(loss, outputs, labels);
    const curvatures = new Float64Array(outputs.length);
    loss.curvatures?.(outputs, labels, curvatures);
    for (let j = 0; j < outputs.length; j++) {
      const above = evaluated(loss, outputs.with(j, outputs[j] + h), labels);
      const below = evaluated(loss, outputs.with(j, outputs[j] - h), labels);
      expect((above.total - below.total) / (2 * h)).toBeCloseTo(slopes[j], 7);
      if (loss.curvatures)
        expect((above.slopes[j] - below.slopes[j]) / (2 * h)).toBeCloseTo(curvatures[j], 6);
    }
  });

  test("is the same without its gradient, and in the graph", async () => {
    const { losses, slopes, total } = evaluated(loss, outputs, labels);
    const alone = new Float64Array(rows);
    loss.evaluate(outputs, labels, alone);
    expect(alone).toEqual(losses);
    const [z, y] = [f64(rows, width), loss.labels === "row" ? f64(rows) : f64(rows, width)];
    const lossOf = (outputs: Tensor, labels: Tensor) => loss.traced(outputs, labels, { reduction: "sum" });
    const single = loss.labels === "row" && width === 1;
    using program = await compile(
      ({ z, y }) => ({
        value: lossOf(z, y),
        slopes: gradient((outputs: Tensor) => lossOf(outputs, y))(z),
      }),
      { z: single ? y : z, y },
    );
    const shape = single ? [rows] : [rows, width];
    const result = await program.run({
      z: array(outputs, shape),
      y: array(labels, loss.labels === "row" ? [rows] : shape),
    });
    expect(item(result.value)).toBeCloseTo(total, 11);
    toNumbers(result.slopes).forEach((slope, j) => {
      expect(slope).toBeCloseTo(slopes[j], 12);
    });
  });

  test("has a gradient that changes no faster than its smoothness constant", () => {
    const { smoothness } = loss;
    if (smoothness === undefined) return;
    for (let trial = 0; trial < 50; trial++) {
      const other = outputs.map((z) => z + stream.normal() * 10 ** -(trial % 5));
      const [a, b] = [evaluated(loss, outputs, labels).slopes, evaluated(loss, other, labels).slopes];
      const between = (x: Float64Array, y: Float64Array) => Math.hypot(...x.map((value, j) => value - y[j]));
      expect(between(a, b)).toBeLessThanOrEqual(smoothness * between(outputs, other) * (1 + 1e-9));
    }
  });

  test("refuses a label that it is not defined for, by its place", () => {
    expect(() => loss.checkLabels("y", given)).not.toThrow();
    const bad = [...given.slice(0, 2), wrong];
    expect(() => loss.checkLabels("y", bad)).toThrow(DataError);
    expect(() => loss.checkLabels("y", bad)).toThrow(/^y must be .*2/);
  });
});

test("the logistic losses keep their digits at both ends of the range", () => {
  expect(logisticLoss.value(-800, 1)).toBe(800);
  expect(logisticLoss.derivative(-800, 1)).toBe(-1);
  expect(logisticLoss.value(40, 1) / 4.2483542552915889e-18).toBeCloseTo(1, 14);
  expect(logisticLoss.derivative(-40, -1) / 4.2483542552915889e-18).toBeCloseTo(1, 14);
  expect(binaryLogisticLoss.value(800, 0)).toBe(800);
  expect(binaryLogisticLoss.derivative(-40, 0) / 4.2483542552915889e-18).toBeCloseTo(1, 14);
  expect(binaryLogisticLoss.value(40, 1) / 4.2483542552915889e-18).toBeCloseTo(1, 14);
  expect(binaryLogisticLoss.derivative(40, 1) / -4.2483542552915889e-18).toBeCloseTo(1, 14);
  expect(logisticLoss.curvature(0, 1)).toBe(0.25);
  for (const m of [-700, -30, -1, 0, 0.5, 3, 40, 700])
    expect(weightAlone(m) / weightOfMargin(m, decayOf(m))).toBeCloseTo(1, 15);
});

test.each([
  ["labels -1 and 1", logisticLoss, -1],
  ["labels 0 and 1", binaryLogisticLoss, 0],
])(
  "rows that are far on the right side keep their digits with %s, in the graph too",
  async (_, loss, low) => {
    // e^-m - e^-2m / 2 + ..., e^-m - e^-2m + ... and e^-m - 2 e^-2m + ... for loss, slope and curvature of a margin m
    const margins = [18, 30, 36, 200, 700];
    const z = Float64Array.from([...margins, ...margins.map((m) => -m)]);
    const y = Float64Array.from(z, (value) => (value > 0 ? 1 : low));
    const [losses, slopes, curvatures] = Array.from({ length: 3 }, () => new Float64Array(z.length));
    loss.evaluate(z, y, losses, slopes);
    loss.curvatures(z, y, curvatures);
    const lossOf = (labels: Tensor) => (outputs: Tensor) =>
      loss.traced(outputs, labels, { reduction: "sum" });
    using program = await compile(
      ({ z, y }) => ({
        losses: loss.traced(z, y, { reduction: "none" }),
        slopes: gradient(lossOf(y))(z),
        curvatures: gradient((at: Tensor) => sum(gradient(lossOf(y))(at)))(z),
      }),
      { z: f64(z.length), y: f64(z.length) },
    );
    const traced = await program.run({ z: array(z), y: array(y) });
    z.forEach((value, i) => {
      const e = Math.exp(-Math.abs(value));
      const expected = {
        losses: e - e ** 2 / 2,
        slopes: -Math.sign(value) * (e - e ** 2),
        curvatures: e - 2 * e ** 2,
      };
      expect(losses[i] / expected.losses).toBeCloseTo(1, 14);
      expect(loss.value(value, y[i])).toBe(losses[i]);
      expect(slopes[i] / expected.slopes).toBeCloseTo(1, 14);
      expect(loss.derivative(value, y[i])).toBe(slopes[i]);
      expect(curvatures[i] / expected.curvatures).toBeCloseTo(1, 14);
      for (const key of ["losses", "slopes", "curvatures"] as const)
        expect(toNumbers(traced[key])[i] / expected[key]).toBeCloseTo(1, 12);
    });
  },
);
