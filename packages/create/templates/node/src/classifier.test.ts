import assert from "node:assert/strict";
import { test } from "node:test";
import { array, loadOnnx } from "@gradus/graph";
import { loadDataset, solve } from "gradus";
import { exportClassifier, loadTumors, majorityShare, trainClassifier } from "./classifier.ts";

async function trained(seed: number) {
  const problem = await loadTumors({ seed: 1 });
  const { iterate } = await solve(trainClassifier(problem, { seed, epochs: 20 }));
  return { problem, ...iterate, accuracy: iterate.metrics?.accuracy ?? 0 };
}

test("classifies at least 93% of the held-out tumors, far above the majority class", async () => {
  for (const seed of [1, 2, 3]) {
    const { accuracy, problem } = await trained(seed);
    assert.ok(accuracy >= 0.93, `seed ${seed}: ${accuracy}`);
    assert.ok(majorityShare(problem.test) < 0.65);
  }
});

test("gives the same numbers for the same seed, and others for another", async () => {
  const [first, again, other] = [await trained(1), await trained(1), await trained(2)];
  assert.deepEqual(again.parameters, first.parameters);
  assert.equal(again.loss, first.loss);
  assert.notEqual(other.loss, first.loss);
});

test("exports a model that takes measurements as the data set has them", async () => {
  const { problem, parameters } = await trained(1);
  using model = await loadOnnx(exportClassifier(problem, parameters));
  const { x, y } = await loadDataset("breast-cancer");
  const { probabilities } = await model.run({ x: array(Float32Array.from(x.values), [x.rows, x.columns]) });
  const p = Array.from(probabilities.data, Number);
  const right = y.filter((label, row) => (p[2 * row + 1] > p[2 * row] ? 1 : 0) === label).length;
  assert.ok(right / x.rows >= 0.95, `${right} of ${x.rows} rows`);
});
