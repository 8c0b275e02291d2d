import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { type DatasetName, datasetNames, datasetUrl, loadDataset } from "./bundled.ts";

function dot(a: ArrayLike<number>, weight: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * weight(i);
  return sum;
}

function counts(y: ArrayLike<number>): number[] {
  const result: number[] = [];
  for (let i = 0; i < y.length; i++) result[y[i]] = (result[y[i]] ?? 0) + 1;
  return result;
}

test("every file has the content that SOURCES.md names", async () => {
  const folder = new URL("./bundled/", import.meta.url);
  const sources = await readFile(new URL("SOURCES.md", folder), "utf8");
  const files = [...sources.matchAll(/^\| `([^`]+)` .*`([0-9a-f]{64})` \|$/gm)];
  expect(files.length).toBe(datasetNames.length);
  for (const [, file, hash] of files) {
    const bytes = await readFile(new URL(file, folder));
    const content = file.endsWith(".gz") ? gunzipSync(bytes) : bytes;
    expect(createHash("sha256").update(content).digest("hex"), file).toBe(hash);
  }
});

// printed by scikit-learn 1.4.2: sizes, class counts, sum of x_ij, sum of j x_ij (j from 1), sum of i y_i (i from 0)
test.each<[Exclude<DatasetName, "diabetes">, number, number, number[], number, number, number]>([
  ["iris", 150, 4, [50, 50, 50], 2078.7, 4204.4, 16175],
  ["wine", 178, 13, [59, 71, 48], 159975.295999, 1859871.16599, 21410],
  ["breast-cancer", 569, 30, [212, 357], 1056474.4596356, 15997027.559157101, 114204],
  ["digits", 1797, 64, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180], 561718, 18222371, 7264791],
])(
  "%s holds scikit-learn's numbers in scikit-learn's order",
  async (name, n, d, sizes, sum, byColumn, byRow) => {
    const { x, y, classNames, featureNames, ...rest } = await loadDataset(name);
    expect(rest).toMatchObject({ name });
    expect([x.rows, x.columns]).toEqual([n, d]);
    expect(x.values.length).toBe(n * d);
    expect(featureNames.length).toBe(d);
    expect(counts(y)).toEqual(sizes);
    expect(classNames.length).toBe(sizes.length);
    expect(Math.abs(dot(x.values, () => 1) / sum - 1)).toBeLessThan(1e-13);
    expect(Math.abs(dot(x.values, (i) => (i % d) + 1) / byColumn - 1)).toBeLessThan(1e-13);
    expect(dot(y, (i) => i)).toBe(byRow);
  },
);

test("breast cancer codes malignant as 0 and benign as 1", async () => {
  const { y, classNames } = await loadDataset("breast-cancer");
  expect(classNames[y[0]]).toBe("malignant");
  expect(counts(y)[classNames.indexOf("benign")]).toBe(357);
});

describe("diabetes", () => {
  test("holds scikit-learn's numbers, features in their own units", async () => {
    const { x, y } = await loadDataset("diabetes");
    expect([x.rows, x.columns, dot(y, () => 1)]).toEqual([442, 10, 67243]);
    expect(dot(x.values, () => 1)).toBeCloseTo(276404.2336, 8);
    expect(dot(x.values, (i) => (i % x.columns) + 1)).toBeCloseTo(1539469.2524, 7);
    expect(Array.from(x.values.subarray(0, 3))).toEqual([59, 2, 32.1]);
  });

  test("gives scikit-learn's scaled features by the stated formula", async () => {
    const { x } = await loadDataset("diabetes");
    const printed = [0.03807591, 0.05068012, 0.06169621, 0.02187239, -0.0442235];
    for (const [j, value] of printed.entries()) {
      const column = Array.from({ length: x.rows }, (_, i) => x.values[i * x.columns + j]);
      const mean = dot(column, () => 1 / x.rows);
      const square = column.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      expect((column[0] - mean) / Math.sqrt(square)).toBeCloseTo(value, 7);
    }
  });
});

test("anyloss-random has 10000 rows of 2 features and 1047 positives", async () => {
  const { x, y } = await loadDataset("anyloss-random");
  expect([x.rows, x.columns, counts(y)]).toEqual([10000, 2, [8953, 1047]]);
  expect(Array.from(x.values.subarray(0, 4))).toEqual([1.69541619, 1.80922894, 0.982000783, -1.21485545]);
});

test("mushrooms codes 21 properties a row, poisonous as 0 and edible as 1", async () => {
  const { x, y, classNames, featureNames } = await loadDataset("mushrooms");
  expect([x.rows, x.columns, featureNames.length, counts(y)]).toEqual([8124, 112, 112, [3916, 4208]]);
  expect(classNames[y[0]]).toBe("poisonous"); // UCI's first row, p,x,s,n,t,p,...
  for (let i = 0; i < x.rows; i++) {
    const row = x.values.subarray(i * x.columns, (i + 1) * x.columns);
    if (row.filter((value) => value === 1).length !== 21 || row.filter((value) => value === 0).length !== 91)
      expect.fail(`row ${i} is not 21 ones and 91 zeros`);
  }
});

test("ionosphere has the class counts that UCI states, and values in [-1, 1]", async () => {
  const { x, y, classNames } = await loadDataset("ionosphere");
  expect([x.rows, x.columns, counts(y), classNames[y[0]]]).toEqual([351, 34, [126, 225], "good"]);
  expect(x.values.every((value) => Math.abs(value) <= 1)).toBe(true);
  expect(Array.from(x.values.subarray(0, 4))).toEqual([1, 0, 0.99539, -0.05889]);
});

test("an unknown name is told the known ones", async () => {
  const name: string = "titanic";
  await expect(loadDataset(name as DatasetName)).rejects.toThrow(ArgumentError);
  await expect(loadDataset(name as DatasetName)).rejects.toThrow(
    'name must be "iris", "wine", "breast-cancer"',
  );
});

test("the URL of a data set is that of its file, and an unknown name is refused", async () => {
  for (const name of datasetNames) expect((await readFile(datasetUrl(name))).length).toBeGreaterThan(0);
  for (const name of ["nope", "toString"] as string[])
    expect(() => datasetUrl(name as DatasetName)).toThrow(ArgumentError);
});
