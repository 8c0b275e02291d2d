import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import * as statistics from "./index.ts";

// Typed so that nothing but the check at run time sees the option.
const unknown: object = { unheardOf: 1 };
const sample = [1, 2, 4];
const points = { rows: 3, columns: 1, values: Float64Array.from(sample) };
const labels = [0, 1, 1];
const matrix = { tp: 1, fp: 1, fn: 1, tn: 1 };

test.each<[string, () => unknown]>([
  ["bayesianSignTest", () => statistics.bayesianSignTest(sample, { rope: 1, ...unknown })],
  ["bootstrapInterval", () => statistics.bootstrapInterval(sample, () => 1, { seed: 1, ...unknown })],
  ["bootstrapRows", () => statistics.bootstrapRows(3, () => 1, { seed: 1, ...unknown })],
  ["logLogSlope", () => statistics.logLogSlope(sample, sample, unknown)],
  ["frechetDistance", () => statistics.frechetDistance(points, points, unknown)],
  ["wassersteinDistance", () => statistics.wassersteinDistance(sample, sample, unknown)],
  [
    "slicedWassersteinDistance",
    () => statistics.slicedWassersteinDistance(points, points, { seed: 1, ...unknown }),
  ],
  ["classificationReport", () => statistics.classificationReport(labels, labels, unknown)],
  ["confusionMatrix", () => statistics.confusionMatrix(labels, labels, unknown)],
  ["accuracy", () => statistics.classificationMetrics.accuracy(matrix, unknown)],
  ["F_2", () => statistics.classificationMetrics.fBeta(2)(matrix, unknown)],
])("%s refuses an unknown option", (of, f) => {
  expect(f).toThrow(ArgumentError);
  expect(f).toThrow(`${of} has no option "unheardOf"`);
});

test("an unknown place of a prior is refused", () => {
  const f = () => statistics.bayesianSignTest(sample, { rope: 1, priorPlace: "middle" as never });
  expect(f).toThrow(ArgumentError);
  expect(f).toThrow('priorPlace must be "left", "rope" or "right", got "middle"');
});
