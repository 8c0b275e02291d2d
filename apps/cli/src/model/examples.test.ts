import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NamedSpec } from "@gradus/graph";
import type { ModelLossName } from "gradus/models";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readExamples } from "./examples.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-examples-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const inputs: readonly NamedSpec[] = [{ name: "x", spec: { dtype: "f32", shape: ["rows", 1] } }];

function read(name: string, content: string, loss: ModelLossName = "cross-entropy") {
  const path = join(folder, name);
  writeFileSync(path, content);
  return readExamples({ data: [path], target: "label", loss, inputs, tables: { given: {}, tell: () => {} } });
}

test("classes are read from a table whose name has the letters of Windows", async () => {
  const { data, classes } = await read("IRIS.CSV", "x,label\r\n1,b\r\n2,a\r\n");
  expect(data.labels.data).toEqual(BigInt64Array.of(1n, 0n));
  expect(classes).toEqual(["a", "b"]);
});

test("names of classes are no numbers: the message says what the loss takes", async () => {
  await expect(read("yes.csv", "x,label\n1,yes\n2,no\n", "binary-cross-entropy")).rejects.toThrow(
    'column 2 (label) must be a finite number, got "yes"; write 1 for the class whose probability the model gives, and 0 for the other',
  );
  await expect(read("squared.csv", "x,label\n1,yes\n", "squared")).rejects.toThrow(
    'got "yes"; write numbers, or name the loss of classes: --loss cross-entropy',
  );
});

test("an empty cell is no class, and no number", async () => {
  await expect(read("missing.csv", "x,label\n1,b\n2,a\n3,\n4,\n")).rejects.toThrow(
    "missing.csv has no class in the column label of row 3: remove rows without one, or write a name for it",
  );
  await expect(read("number.csv", "x,label\n1,\n", "squared")).rejects.toThrow(
    "number.csv, line 2, column 2 (label) must be a finite number, got an empty cell",
  );
});
