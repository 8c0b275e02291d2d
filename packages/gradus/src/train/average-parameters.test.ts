import { toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { exponentialAveraging, type ParameterAveraging, polyakAveraging } from "./average-parameters.ts";
import { heavyBall } from "./sgd.ts";
import { networkLoss, regression } from "./test-problem.ts";
import { train } from "./train.ts";

/** The parameters after every step, and the running average. */
async function path(averaging: ParameterAveraging) {
  const { data, parameters } = regression("f64");
  const points: number[][] = [];
  let average: number[] = [];
  for await (const iterate of train({
    loss: networkLoss,
    parameters,
    data,
    averaging,
    optimizer: heavyBall({ learningRate: 0.05 }),
    batchSize: "full",
    epochs: 12,
  })) {
    points.push(toNumbers(iterate.parameters.hidden.weights));
    average = toNumbers(iterate.average!.hidden.weights);
  }
  return { points, average };
}

/** sum of weights[t] points[t]. */
const combined = (points: readonly number[][], weights: readonly number[]) =>
  points[0].map((_, j) => points.reduce((s, p, t) => s + weights[t] * p[j], 0));

const total = (1 - 0.7 ** 12) / (1 - 0.7);
test.each([
  [
    "exponential",
    exponentialAveraging({ decay: 0.7 }),
    (t: number) => (t === 0 ? 0 : 0.7 ** (12 - t) / total),
  ],
  [
    "exponential from the initial parameters",
    exponentialAveraging({ decay: 0.7, biasCorrection: false }),
    (t: number) => (t === 0 ? 0.7 ** 12 : 0.3 * 0.7 ** (12 - t)),
  ],
  ["Polyak", polyakAveraging(), (t: number) => (t === 0 ? 0 : 1 / 12)],
  ["Polyak after five steps", polyakAveraging({ start: 5 }), (t: number) => (t <= 5 ? 0 : 1 / 7)],
] as const)("%s averaging weighs the steps as its sum does", async (_, averaging, weight) => {
  const { points, average } = await path(averaging);
  const expected = combined(
    points,
    points.map((_, t) => weight(t)),
  );
  average.forEach((value, j) => {
    expect(value).toBeCloseTo(expected[j], 13);
  });
});

test("no average is kept unless asked for, and what is no decay is refused", async () => {
  const { data, parameters } = regression("f64");
  for await (const { average } of train({
    loss: networkLoss,
    parameters,
    data,
    optimizer: heavyBall({ learningRate: 0.05 }),
    batchSize: "full",
    epochs: 1,
  }))
    expect(average).toBeUndefined();
  expect(() => exponentialAveraging({ decay: 1 })).toThrow(ArgumentError);
  expect(() => polyakAveraging({ start: -1 })).toThrow(/start must be a non-negative number, got -1/);
});
