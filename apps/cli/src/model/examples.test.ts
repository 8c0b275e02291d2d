import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NamedSpec } from "@gradus/graph";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readExamples } from "./examples.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-examples-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const inputs: readonly NamedSpec[] = [{ name: "x", spec: { dtype: "f32", shape: ["rows", 1] } }];

function read(name: string, content: string, loss: "cross-entropy" | "squared" = "cross-entropy") {
  const path = join(folder, name);
  writeFileSync(path, content);
  return readExamples({ data: [path], target: "label", loss, inputs, tables: { given: {}, tell: () => {} } });
}

test("classes are read from a table whose name has the letters of Windows", async () => {
  const { data, classes } = await read("IRIS.CSV", "x,label\r\n1,b\r\n2,a\r\n");
  expect(data.labels.data).toEqual(BigInt64Array.of(1n, 0n));
  expect(classes).toEqual(["a", "b"]);
});

test("an empty cell is no class, and no number", async () => {
  await expect(read("missing.csv", "x,label\n1,b\n2,a\n3,\n4,\n")).rejects.toThrow(
    "missing.csv has no class in the column label of row 3: remove rows without one, or write a name for it",
  );
  await expect(read("number.csv", "x,label\n1,\n", "squared")).rejects.toThrow(
    "number.csv, line 2, column 2 (label) must be a finite number, got an empty cell",
  );
});
