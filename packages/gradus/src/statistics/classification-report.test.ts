import { expect, test } from "vitest";
import { MissingClassError } from "../check/errors.ts";
import { classificationReport } from "./classification-report.ts";

// every figure below: scikit-learn 1.4.2 for the same rows (the geometric mean and the Fowlkes-Mallows index from its
// recall, specificity and precision)
const plain = {
  predictions: [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  labels: [1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  weights: undefined,
  expected: {
    accuracy: 0.8,
    precision: 0.625,
    recall: 0.8333333333333334,
    specificity: 0.7857142857142857,
    f05: 0.6578947368421053,
    f1: 0.7142857142857143,
    f2: 0.78125,
    geometricMean: 0.809173593712687,
    balancedAccuracy: 0.8095238095238095,
    informedness: 0.6190476190476191,
    jaccard: 0.5555555555555556,
    matthews: 0.5790660241435861,
    cohenKappa: 0.5652173913043478,
    fowlkesMallows: 0.7216878364870323,
  },
};
const weighted = {
  predictions: [1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1],
  labels: [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0],
  weights: [0.5, 2, 1, 1, 3, 1, 1, 2, 0.25, 1, 1, 4],
  expected: {
    accuracy: 0.6056338028169014,
    precision: 0.4117647058823529,
    recall: 0.6363636363636364,
    specificity: 0.5918367346938775,
    f05: 0.4430379746835443,
    f1: 0.5,
    f2: 0.5737704918032787,
    geometricMean: 0.6136964857512031,
    balancedAccuracy: 0.6141001855287569,
    informedness: 0.22820037105751378,
    jaccard: 0.3333333333333333,
    matthews: 0.21124449792017974,
    cohenKappa: 0.19838709677419364,
    fowlkesMallows: 0.5118906968889915,
  },
};

test.each([plain, weighted])("gives scikit-learn's figures", ({ predictions, labels, weights, expected }) => {
  const { metrics, undefinedMetrics } = classificationReport(labels, predictions, { weights });
  expect(Object.keys(metrics).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected))
    expect(Object.entries(metrics).find(([key]) => key === name)?.[1], name).toBeCloseTo(value, 14);
  expect(undefinedMetrics).toEqual([]);
});

test("says which metrics are 0/0 when nothing is predicted positive", () => {
  const report = classificationReport([1, 0, 0], [0, 0, 0]);
  expect(report).toMatchObject({ matrix: { tp: 0, fp: 0, fn: 1, tn: 2 }, positives: 1, negatives: 2 });
  expect([...report.undefinedMetrics].sort()).toEqual(["fowlkesMallows", "matthews", "precision"]);
  expect(report.metrics).toMatchObject({ precision: 0, f1: 0, recall: 0, accuracy: 2 / 3 });
});

test("applies the policy for 0/0 that it is given", () => {
  expect(classificationReport([0], [0], { zeroDivision: 1 }).metrics.recall).toBe(1);
  expect(() => classificationReport([0], [0], { zeroDivision: "error" })).toThrow(MissingClassError);
});
