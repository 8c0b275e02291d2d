import { expect, test } from "vitest";
import { expandedColumns, missingColumns } from "./column-list.ts";

const columns = ["id", "p0", "p1", "p2", "a..b", "label"];

test("names are separated by commas, and two dots stand for what is between", () => {
  expect(expandedColumns("label, p0 .. p2,id", columns)).toEqual(["label", "p0", "p1", "p2", "id"]);
  expect(expandedColumns("p1..p1,", columns)).toEqual(["p1"]);
});

test("what is a name itself, or no range, stays as it is", () => {
  expect(expandedColumns("a..b, p2..p0, x..y", columns)).toEqual(["a..b", "p2..p0", "x..y"]);
  expect(expandedColumns(" ", columns)).toEqual([]);
});

test("columns that a file does not have are listed by input", () => {
  const part = { name: "x", dtype: "f32", shape: [2], size: 2 } as const;
  const parts = [
    { ...part, source: { columns: ["p0", "q0"] } },
    { ...part, source: { columns: true } },
    { ...part, source: { constant: 1 } },
    { ...part, source: { columns: ["label", "id"] } },
  ] as const;
  expect(missingColumns({ parts, features: 6 }, columns)).toEqual([["q0"], [], [], []]);
});
