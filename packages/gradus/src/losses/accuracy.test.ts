import { compile, f32, f64, i64, item } from "@gradus/graph";
import { expect, test } from "vitest";
import { accuracy, binaryAccuracy, topKAccuracy } from "./accuracy.ts";

test("accuracies count by hand", async () => {
  using program = await compile(
    ({ z, labels }) => ({
      top1: accuracy(z, labels),
      top2: topKAccuracy(z, labels, 2),
      top3: topKAccuracy(z, labels, 3),
    }),
    { z: f32("n", 4), labels: i64("n") },
  );
  const z = [
    [0.1, 0.9, 0.3, 0.2],
    [0.1, 0.9, 0.3, 0.2],
    [0.1, 0.9, 0.3, 0.2],
    [4, 3, 2, 1],
    [7, 7, 0, 0],
  ];
  const { top1, top2, top3 } = await program.run({
    z: Float32Array.from(z.flat()),
    labels: Int32Array.of(1, 2, 3, 3, 1),
  });
  expect(item(top1)).toBeCloseTo(1 / 5, 6);
  expect(item(top2)).toBeCloseTo(3 / 5, 6);
  expect(item(top3)).toBeCloseTo(4 / 5, 6);
});

test("masked logits rank last, and NaN counts nowhere", async () => {
  using program = await compile(
    ({ z, labels }) => ({ top1: topKAccuracy(z, labels, 1), top2: topKAccuracy(z, labels, 2) }),
    { z: f64("n", 3), labels: i64("n") },
  );
  const counted = async (row: readonly number[], label: number) => {
    const { top1, top2 } = await program.run({ z: Float64Array.from(row), labels: Int32Array.of(label) });
    return [item(top1), item(top2)];
  };
  const masked = [Number.NEGATIVE_INFINITY, 1, 2];
  expect(await counted(masked, 0)).toEqual([0, 0]);
  expect(await counted(masked, 1)).toEqual([0, 1]);
  expect(await counted(masked, 2)).toEqual([1, 1]);
  expect(await counted([Number.NaN, 1, 2], 0)).toEqual([0, 0]);
});

test("binary accuracy splits at logit 0", async () => {
  using program = await compile(({ z, y }) => binaryAccuracy(z, y), { z: f64("n"), y: f64("n") });
  expect(item(await program.run({ z: Float64Array.of(0.1, -3, 0, 2), y: Float64Array.of(1, 0, 1, 0) }))).toBe(
    0.5,
  );
});

test("k beyond the classes is refused", async () => {
  await expect(compile(({ z, y }) => topKAccuracy(z, y, 5), { z: f32("n", 4), y: i64("n") })).rejects.toThrow(
    /from 1 to 4, got 5/,
  );
});
