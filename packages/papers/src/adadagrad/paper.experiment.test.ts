import { floatData } from "@gradus/graph";
import { loadDataset } from "gradus/data";
import { expect, test, vi } from "vitest";
import { claimsChecked, expectDescribed, expectDrawable, failed, paperRuns } from "../paper-testing.ts";
import { movedDigits } from "./image-sets.ts";
import { adadagrad as paper } from "./paper.ts";
import { interpolatedAccuracy } from "./schemes.ts";

const { run, complete } = paperRuns(paper);

test("what is said of an experiment before it is loaded is what it says itself", async () => {
  await expectDescribed(paper);
});

test("the rate: every check of the quick profile holds", async () => {
  const report = await complete("rate");
  expect(failed(report)).toStrictEqual([]);
  expect(claimsChecked(report)).toStrictEqual(["C1", "C2", "C3", null]);
  expectDrawable(report, { most: 160 });
});

test("the noise: every check of the quick profile holds", async () => {
  const report = await complete("relative-noise");
  expect(failed(report)).toStrictEqual([]);
  expect(claimsChecked(report)).toStrictEqual([null]);
  expectDrawable(report, { most: 160 });
});

test("the digits: steps fall and batches grow; what does not hold is known", async () => {
  const report = await complete("steps-and-accuracy", { set: { seeds: 1, epochs: 20 } });
  expect(claimsChecked(report)).toStrictEqual(["C3", "C4", null]);
  expect(failed(report).every((label) => label.includes("accuracy"))).toBe(true);
  expectDrawable(report);
  // 20 epochs of 1437 rows in batches of 8, 64, 512 and all.
  const steps = report.tables[0].rows.slice(3).map((row) => row.steps);
  expect(steps).toStrictEqual([3593, 450, 57, 20]);
});

test("larger data: the quick profile has the digits in nine places", async () => {
  const report = await complete("larger-data");
  expect(claimsChecked(report)).toStrictEqual(["C3", "C4", null]);
  expect(report.checks.every(({ label }) => label.startsWith("Shifted digits"))).toBe(true);
  expect(report.checks.find(({ label }) => label.includes("minus that of full batches"))?.held).toBe(true);
  expectDrawable(report);
});

test("larger data: the full profile says which file it lacks", async () => {
  vi.stubEnv("GRADUS_DATA_DIR", "/nowhere");
  await expect(complete("larger-data", { profile: "full" })).rejects.toThrow("fashion-mnist-train-images");
  vi.unstubAllEnvs();
});

test("the digits are in nine places, each whole but for what leaves the image", async () => {
  const { train, test } = await movedDigits(60_000, 1);
  expect(train.x.shape).toStrictEqual([9 * 1437, 64]);
  expect(test.x.shape).toStrictEqual([9 * 360, 64]);
  const { x, y } = await loadDataset("digits");
  const images = new Map<string, number>();
  const shifted = (digit: number, down: number, right: number) =>
    Array.from({ length: 64 }, (_, k) => {
      const [row, column] = [Math.floor(k / 8) - down, (k % 8) - right];
      const inside = row >= 0 && row < 8 && column >= 0 && column < 8;
      return inside ? x.values[digit * 64 + row * 8 + column] : 0;
    });
  for (let digit = 0; digit < y.length; digit++)
    for (const down of [-1, 0, 1])
      for (const right of [-1, 0, 1]) images.set(shifted(digit, down, right).join(), y[digit]);
  for (const part of [train, test])
    for (let i = 0; i < part.y.data.length; i++) {
      const image = Array.from(floatData(part.x).subarray(i * 64, (i + 1) * 64), (gray) => gray * 16);
      if (images.get(image.join()) !== Number(part.y.data[i]))
        throw new Error(`image ${i} is no digit moved`);
    }
  const few = await movedDigits(1000, 1);
  expect(few.train.x.shape).toStrictEqual([1000, 64]);
});

test.skipIf(!process.env.GRADUS_DATA_DIR)("Fashion-MNIST at the quick size", async () => {
  const report = await complete("larger-data", { set: { set: "fashion-mnist" } });
  expect(report.checks.find(({ label }) => label.includes("minus that of full batches"))?.held).toBe(true);
  expectDrawable(report);
});

test("a signal ends a run", async () => {
  await expect(run("rate", { signal: AbortSignal.abort(new Error("closed")) })).rejects.toThrow("closed");
});

test("accuracies between the sizes that were run are read off on the logarithm of the steps", () => {
  const constants = [
    { steps: 1000, accuracy: 0.9 },
    { steps: 10, accuracy: 0.5 },
    { steps: 100, accuracy: 0.8 },
  ];
  expect([1, 10, 100, 5000].map((steps) => interpolatedAccuracy(constants, steps))).toStrictEqual([
    0.5, 0.5, 0.8, 0.9,
  ]);
  expect(interpolatedAccuracy(constants, Math.sqrt(1000))).toBeCloseTo(0.65, 12);
});
