import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ArgumentError, DataError, DataMissingError } from "../check/errors.ts";
import { type DatasetName, loadDataset } from "./bundled.ts";
import { type LibsvmDatasetName, loadLibsvmDataset } from "./libsvm-dataset.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus data-"));
  vi.stubEnv("GRADUS_DATA_DIR", folder);
  await writeFile(join(folder, "a9a.libsvm.txt"), "0 1:1 122:1\n1 3:1\n");
  await writeFile(join(folder, "a9a.t.libsvm.txt"), "-1 1:1\n+1 2:1");
  await writeFile(join(folder, "phishing.libsvm.txt"), "1 69:1\n");
  await writeFile(join(folder, "splice.libsvm.txt"), "1 1:1\n2 1:1\n3 1:1\n");
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test("reads rows of the set's full width, whatever columns the file happens to use", async () => {
  const { x, y, name, license } = await loadLibsvmDataset("a9a");
  expect([x.rows, x.columns, x.columns, name, license]).toEqual([2, 123, 123, "a9a train", "CC BY 4.0"]);
  expect(Array.from(x.columnIndices)).toEqual([0, 121, 2]);
  expect(Array.from(y)).toEqual([-1, 1]);
  expect(Array.from((await loadLibsvmDataset("a9a", { split: "test" })).y)).toEqual([-1, 1]);
});

test("rejects a file that is not the set", async () => {
  await expect(loadLibsvmDataset("phishing")).rejects.toThrow(
    "phishing.libsvm.txt, line 1, column 3: expected an index of at most 68",
  );
  await expect(loadLibsvmDataset("splice")).rejects.toThrow(DataError);
  await expect(loadLibsvmDataset("splice")).rejects.toThrow("must have two labels, got 3: 1, 2, 3");
});

test("says how to get a file that is not there, and which sets there are", async () => {
  await expect(loadLibsvmDataset("w8a")).rejects.toThrow(DataMissingError);
  await expect(loadLibsvmDataset("w8a")).rejects.toThrow('downloadDataset("w8a")');
  await expect(loadLibsvmDataset("phishing", { split: "test" })).rejects.toThrow("phishing has no test file");
  const other: string = "mnist";
  await expect(loadLibsvmDataset(other as LibsvmDatasetName)).rejects.toThrow(ArgumentError);
  await expect(loadLibsvmDataset(other as LibsvmDatasetName)).rejects.toThrow(
    'name must be "a9a", "w8a", "phishing"',
  );
});

test("a set is asked for by the function that has it", async () => {
  await expect(loadLibsvmDataset("mushrooms" as LibsvmDatasetName)).rejects.toThrow(
    'call loadDataset("mushrooms")',
  );
  await expect(loadDataset("a9a" as DatasetName)).rejects.toThrow("call loadLibsvmDataset or loadMnist");
});
