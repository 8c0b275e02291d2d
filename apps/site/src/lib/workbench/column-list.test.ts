import { expect, test } from "vitest";
import { expandedColumns } from "./column-list.ts";

const columns = ["id", "p0", "p1", "p2", "a..b", "label"];

test("names are separated by commas, and two dots stand for what is between", () => {
  expect(expandedColumns("label, p0 .. p2,id", columns)).toEqual(["label", "p0", "p1", "p2", "id"]);
  expect(expandedColumns("p1..p1,", columns)).toEqual(["p1"]);
});

test("what is a name itself, or no range, stays as it is", () => {
  expect(expandedColumns("a..b, p2..p0, x..y", columns)).toEqual(["a..b", "p2..p0", "x..y"]);
  expect(expandedColumns(" ", columns)).toEqual([]);
});
