import { expect, test } from "vitest";
import { uniform, withBothBuilds } from "../testing.ts";
import { softmaxRows } from "./softmax.ts";

/** One row by the definition, with exponentials of the standard library. */
function byDefinition(z: readonly number[], label: number): { loss: number; probabilities: number[] } {
  const largest = Math.max(...z);
  const sum = z.reduce((all, score) => all + Math.exp(score - largest), 0);
  return {
    loss: largest - z[label] + Math.log(sum),
    probabilities: z.map((score) => Math.exp(score - largest) / sum),
  };
}

test("probabilities and losses are those of the definition, whatever the number of rows and classes", () => {
  const next = uniform(5);
  for (const [n, classes] of [
    [0, 3],
    [1, 1],
    [3, 2],
    [5, 4],
    [255, 3],
    [257, 10],
    [600, 7],
  ]) {
    const given = Float64Array.from({ length: n * classes }, () => 300 * next() ** 3);
    const labels = Int32Array.from({ length: n }, (_, i) => (7 * i) % classes);
    withBothBuilds(() => {
      const [scores, losses] = [given.slice(), new Float64Array(n)];
      softmaxRows({ scores, classes, labels, losses });
      for (let i = 0; i < n; i++) {
        const z = Array.from({ length: classes }, (_, c) => given[c * n + i]);
        const { loss, probabilities } = byDefinition(z, labels[i]);
        expect(Math.abs(losses[i] - loss)).toBeLessThanOrEqual(8 * Number.EPSILON * Math.max(1, loss));
        let sum = 0;
        for (const [c, probability] of probabilities.entries()) {
          const found = scores[c * n + i];
          sum += found;
          expect(Math.abs(found - probability)).toBeLessThanOrEqual(
            8 * Number.EPSILON * probability + 1e-322,
          );
        }
        expect(Math.abs(sum - 1)).toBeLessThan(classes * Number.EPSILON);
      }
    });
  }
});

test("a closed form, scores that would overflow, and NaN in its row alone", () => {
  const scores = Float64Array.of(1000, Math.log(3), Number.NaN, 1000, 0, 1, 1000, 0, 2, 1000, 0, 3);
  const losses = new Float64Array(3);
  withBothBuilds(() => {
    const own = scores.slice();
    softmaxRows({ scores: own, classes: 4, labels: Int32Array.of(3, 0, 1), losses });
    for (const c of [0, 1, 2, 3]) expect(own[3 * c]).toBe(0.25);
    expect(losses[0]).toBeCloseTo(Math.log(4), 15);
    expect(own[1]).toBeCloseTo(0.5, 15);
    expect(losses[1]).toBeCloseTo(Math.LN2, 15);
    for (const c of [0, 1, 2, 3]) expect(own[3 * c + 2]).toBeNaN();
    expect(losses[2]).toBeNaN();
  });
});

test("arguments that do not fit are refused by name", () => {
  const run = (classes: number, label: number, count = 4) =>
    softmaxRows({
      scores: new Float64Array(count),
      classes,
      labels: Int32Array.of(0, label),
      losses: new Float64Array(2),
    });
  expect(() => run(2, 2)).toThrow("labels must be from 0 to 1, got 2 in row 1");
  expect(() => run(2, -1)).toThrow("got -1 in row 1");
  expect(() => run(2, 1, 5)).toThrow("scores must have 4 numbers, got 5");
  expect(() => run(0, 0)).toThrow("classes must be a positive integer, got 0");
});
