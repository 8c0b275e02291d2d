import { expect, test } from "vitest";
import { gemm } from "./dense/gemm.ts";
import { gemv } from "./dense/gemv.ts";
import { ger, symv } from "./dense/symmetric.ts";
import { gemmtr, syrk } from "./dense/syrk.ts";
import { BlasArgumentError } from "./errors.ts";
import { gridLaplacian } from "./grids/grid-laplacian.ts";
import { isotropicSteps } from "./particles/steps.ts";
import { waveBowls } from "./particles/waves.ts";
import { designRows } from "./rows/design-rows.ts";
import { logisticPoint } from "./rows/logistic-point.ts";
import { sparseRows } from "./sparse/sparse-rows.ts";
import { identityOf } from "./testing.ts";

const a = identityOf(2);
const two = () => Float64Array.of(1, -1);
const design = designRows(a);
const sparse = sparseRows({
  rows: 2,
  columns: 2,
  rowPointers: Int32Array.of(0, 1, 2),
  columnIndices: Int32Array.of(0, 1),
  values: two(),
});
const grid = () => gridLaplacian({ sizes: [2], diagonal: two() }).vectors();
const weighted = () => design.weightedVectors({ weights: two() });
const steps = { particles: two(), center: two(), noise: two(), pull: 0.5, scatter: 1 };

/** Calls with a factor in the place that an argument's name tells. */
const calls: readonly (readonly [string, (factor: never) => unknown])[] = [
  ["alpha", (alpha) => gemm({ a, b: a, alpha })],
  ["beta", (beta) => gemm({ a, b: a, beta, c: identityOf(2) })],
  ["alpha", (alpha) => gemmtr({ a, b: a, alpha })],
  ["beta", (beta) => syrk({ a, beta, c: identityOf(2) })],
  ["alpha", (alpha) => gemv({ a, x: two(), alpha })],
  ["beta", (beta) => gemv({ a, x: two(), beta, y: two() })],
  ["alpha", (alpha) => symv({ a, x: two(), alpha })],
  ["beta", (beta) => symv({ a, x: two(), beta, y: two() })],
  ["alpha", (alpha) => ger({ a: identityOf(2), x: two(), y: two(), alpha })],
  ["most", (most) => isotropicSteps({ ...steps, most })],
  ["weight", (weight) => waveBowls(two(), 1, weight, two())],
  ["step", (step) => design.perceptronPass(two(), step, two())],
  ["step", (step) => design.measuredPerceptronPass(two(), step, two(), two())],
  ["step", (step) => sparse.perceptronPass(two(), step, two())],
  ["step", (step) => sparse.measuredPerceptronPass(two(), step, two(), two())],
  ["shift", (shift) => design.weightedVectors({ weights: two(), shift })],
  ["beta", (beta) => weighted().turn(beta)],
  ["alpha", (alpha) => weighted().step(alpha)],
  ["beta", (beta) => grid().turn(beta)],
  ["alpha", (alpha) => grid().step(alpha)],
  ["scale", (scale) => logisticPoint(design, two())?.curvatureVectors(two(), scale, {})],
];

test.each(calls)("%s of call %# must be a number", (name, call) => {
  for (const [text, shown] of [
    ['"2"', '"2"'],
    ["[2]", "[2]"],
  ]) {
    const made = () => call(JSON.parse(text) as never);
    expect(made).toThrow(BlasArgumentError);
    expect(made).toThrow(`${name} must be a number, got ${shown}`);
  }
  expect(() => call(2 as never)).not.toThrow();
  expect(() => call(Number.NaN as never)).not.toThrow();
});
