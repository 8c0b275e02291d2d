import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { randomStream } from "gradus/random";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  diabetesPrediction,
  diabetesPredictionFile,
  diabetesScores,
  judgeDiabetes,
} from "./diabetes-prediction.ts";

let folder: string;
const before = process.env.GRADUS_DATA_DIR;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-diabetes-"));
  process.env.GRADUS_DATA_DIR = folder;
});

afterEach(async () => {
  if (before === undefined) delete process.env.GRADUS_DATA_DIR;
  else process.env.GRADUS_DATA_DIR = before;
  await rm(folder, { recursive: true });
});

async function scores() {
  const run = diabetesScores({
    folds: 3,
    iterations: 400,
    seed: 1,
    signal: new AbortController().signal,
    stage: (_, body) => body(),
  });
  for (;;) {
    const next = await run.next();
    if (next.done) return next.value;
  }
}

/** Rows in the file's format, in which a high blood glucose level makes the illness likely. */
async function writeRows(count: number): Promise<void> {
  const stream = randomStream(6);
  const lines = Array.from({ length: count }, (_, i) => {
    const glucose = 140 + 40 * stream.normal();
    const ill = glucose + 25 * stream.normal() > 205 ? 1 : 0;
    return `${i % 2 ? "Male" : "Female"},${stream.integer(80)},0,${stream.integer(2)},${["never", "No Info", "current"][i % 3]},25.1,5.7,${glucose.toFixed(1)},${ill}`;
  });
  const header =
    "gender,age,hypertension,heart_disease,smoking_history,bmi,HbA1c_level,blood_glucose_level,diabetes";
  await writeFile(join(folder, diabetesPredictionFile), gzipSync([header, ...lines].join("\n")));
}

test("without the file the error names it", async () => {
  await expect(scores()).rejects.toThrow(diabetesPredictionFile);
});

test("words are coded by first appearance and the last column is the label", async () => {
  await writeRows(6);
  const { x, y } = await diabetesPrediction();
  expect([x.rows, x.columns]).toStrictEqual([6, 8]);
  expect([0, 1, 2, 3].map((i) => x.values[i * x.columns])).toStrictEqual([0, 1, 0, 1]);
  expect([0, 1, 2, 3].map((i) => x.values[i * x.columns + 4])).toStrictEqual([0, 1, 2, 0]);
  expect(y.every((label) => label === 0 || label === 1)).toBe(true);
});

test("with the file, F1 and balanced accuracy are compared with cross-entropy", async () => {
  await writeRows(900);
  const [gain, balanced] = judgeDiabetes(await scores());
  // Rows made so that one in fourteen is ill: cross-entropy at 1/2 misses many of them.
  expect(gain.measured).toBeGreaterThan(0.015);
  expect(balanced.measured).toBeGreaterThan(0.86);
});

test("the gain over cross-entropy and the reported balanced accuracy decide", () => {
  const all = (score: number) => ({
    ...{ accuracy: score, f1: score, "f0.5": score, f2: score },
    ...{ geometricMean: score, balancedAccuracy: score },
  });
  const held = (own: number) =>
    judgeDiabetes({ BCE: all(0.7), f1: all(own), balancedAccuracy: all(own) }).map((one) => one.held);
  expect(held(0.88)).toStrictEqual([true, true]);
  expect(held(0.705)).toStrictEqual([false, false]);
});
