import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import * as data from "./index.ts";

// Typed so that nothing but the check at run time sees the option.
const unknown: object = { unheardOf: 1 };
const size = { n: 4, d: 2, seed: 1, ...unknown };
const bytes = new Uint8Array();
const x = { rows: 2, columns: 1, values: Float64Array.of(1, 2) };
const y = Int32Array.of(0, 1);

/** What a function throws, or its promise is rejected with. */
async function thrown(f: () => unknown): Promise<unknown> {
  try {
    await f();
  } catch (error) {
    return error;
  }
  return undefined;
}

test.each<[string, () => unknown]>([
  ["parseCsv", () => data.parseCsv("1", unknown)],
  ["detectCsv", () => data.detectCsv("1", unknown)],
  ["readCsv", () => data.readCsv(bytes, unknown)],
  ["parseIdx", () => data.parseIdx(bytes, unknown)],
  ["readIdx", () => data.readIdx(bytes, unknown)],
  ["parseNpy", () => data.parseNpy(bytes, unknown)],
  ["readNpz", () => data.readNpz(bytes, unknown)],
  ["parseLibsvm", () => data.parseLibsvm("1", unknown)],
  ["readLibsvm", () => data.readLibsvm(bytes, unknown)],
  ["loadLibsvmDataset", () => data.loadLibsvmDataset("a9a", unknown)],
  ["loadMnist", () => data.loadMnist(unknown)],
  ["readDataFile", () => data.readDataFile("file", unknown)],
  ["downloadDataset", () => data.downloadDataset("mnist", unknown)],
  ["blobs", () => data.blobs({ ...size, centers: 2 })],
  ["circles", () => data.circles({ n: 4, seed: 1, ...unknown })],
  ["conditionedLogistic", () => data.conditionedLogistic({ ...size, condition: 1 })],
  ["gaussianPair", () => data.gaussianPair({ ...size, positiveShare: 0.5, separation: 1 })],
  ["gaussianRandomField", () => data.gaussianRandomField({ points: 3, ...unknown })],
  ["gaussianWithMargin", () => data.gaussianWithMargin({ ...size, margin: 1 })],
  ["matrixFactorization", () => data.matrixFactorization({ n: 4, seed: 1, ...unknown })],
  ["moons", () => data.moons({ n: 4, seed: 1, ...unknown })],
  ["teacherNetwork", () => data.teacherNetwork({ ...size, hidden: 1 })],
  ["trainTestSplit", () => data.trainTestSplit(4, { testShare: 0.5, seed: 1, ...unknown })],
  ["minibatches", () => data.minibatches(4, { batchSize: 2, seed: 1, ...unknown }).next()],
  ["smote", () => data.smote(x, y, { ratio: 1, seed: 1, ...unknown })],
  ["randomUndersample", () => data.randomUndersample(x, y, { ratio: 1, seed: 1, ...unknown })],
  ["oneVersusRest", () => data.oneVersusRest(y, 1, unknown)],
  ["standardize", () => data.standardize(x, unknown)],
])("%s refuses an unknown option", async (of, f) => {
  const error = await thrown(f);
  expect(error).toBeInstanceOf(ArgumentError);
  expect(error).toHaveProperty("message", expect.stringContaining(`${of} has no option "unheardOf"`));
});

test.each<[string, () => unknown]>([
  ["blobs", () => data.gaussianPair({ n: 4, positiveShare: 0.5, separation: 1, blobs: 3 as never, seed: 1 })],
  ["negative", () => data.oneVersusRest(y, 1, { negative: 2 as never })],
])("an unknown value of %s is refused", (name, f) => {
  expect(f).toThrow(ArgumentError);
  expect(f).toThrow(`${name} must be`);
});
