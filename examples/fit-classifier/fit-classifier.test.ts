import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { datasetUrl } from "gradus/data";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fitClassifier } from "./fit-classifier.ts";
import { readRows } from "./read-rows.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fit-classifier-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const iris = fileURLToPath(datasetUrl("iris"));

// scipy.optimize.minimize(.., method="BFGS", options={"gtol": 1e-10}) on mean softmax loss + 5e-4 |w|^2, constant added
test("fits iris as scipy does, with any matrix", async () => {
  for (const hessian of ["exact", "products", "weightedGaussNewton"]) {
    const found = await fitClassifier(readRows(iris), { hessian });
    expect(found).toMatchObject({
      model: "softmax",
      status: "converged",
      classes: [0, 1, 2],
      accuracy: 0.98,
    });
    expect(found.value).toBeCloseTo(0.12245835681882, 13);
  }
});

test("fits two classes of a LIBSVM file, whatever their labels", async () => {
  const { A, labels } = readRows(iris);
  const lines: string[] = [];
  for (let i = 0; i < A.rows; i++) {
    if (labels[i] === 0) continue;
    const cells = Array.from(
      { length: 4 },
      (_, j) => `${j + 1}:${A.values[A.rowPointers[i] + j]}`, // iris has no zeros
    );
    lines.push(`${labels[i] === 2 ? 7 : -3} ${cells.join(" ")}`);
  }
  const found = await fitClassifier(readRows(file("two.libsvm", `${lines.join("\n")}\n`)));
  expect(found).toMatchObject({ model: "logistic", status: "converged", classes: [-3, 7], accuracy: 0.97 });
  expect(found.value).toBeCloseTo(0.1563037412090597, 13);
});

describe("says what is wrong with a file", () => {
  test.each([
    ["empty.csv", "", "empty.csv is empty"],
    ["header.csv", "a,b\n", "header.csv has a header but no rows"],
    ["nan.csv", "a,b\n1,0\nNaN,1\n", 'nan.csv, line 3, column 1 (a) must be a finite number, got "NaN"'],
    ["gap.csv", "a,b\n1,0\n,1\n", "gap.csv, line 3, column 1 (a) must be a finite number, got an empty cell"],
    ["ragged.csv", "a,b\n1,0\n1\n", "ragged.csv, line 3 must have 2 cells, got 1"],
    ["narrow.csv", "a\n1\n", "narrow.csv must have features and a label, got 1 column"],
  ])("%s", (name, text, message) => {
    expect(() => readRows(file(name, text))).toThrow(message);
  });

  test("a LIBSVM file, with line and column", () => {
    expect(() => readRows(file("empty.libsvm", ""))).toThrow("empty.libsvm");
    expect(() => readRows(file("bad.libsvm", "1 1:2\n-1 1:x\n"))).toThrow("bad.libsvm, line 2, column 6");
    expect(() => readRows(file("order.libsvm", "1 2:2 1:3\n"))).toThrow("order.libsvm, line 1");
  });

  test("labels that are no classes", async () => {
    const one = readRows(file("one.csv", "a,b\n1,5\n2,5\n"));
    await expect(fitClassifier(one)).rejects.toThrow(
      "the labels must be of two classes at least, all rows have 5",
    );
    const many = Array.from({ length: 200 }, (_, i) => `${i},${i / 7}`).join("\n");
    await expect(fitClassifier(readRows(file("many.csv", `a,b\n${many}\n`)))).rejects.toThrow(
      "got 200 different numbers: is it a regression?",
    );
  });
});

test("refuses bad options", async () => {
  const rows = readRows(iris);
  await expect(fitClassifier(rows, { hessian: "bound" })).rejects.toThrow('or a function, got "bound"');
  await expect(fitClassifier(rows, { ridge: -1 })).rejects.toThrow(
    "weight must be a non-negative number, got -1",
  );
  await expect(fitClassifier(rows, { tolerance: 0 })).rejects.toThrow(
    "tolerance must be a number > 0, got 0",
  );
});
