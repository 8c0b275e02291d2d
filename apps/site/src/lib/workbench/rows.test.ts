import { DataError } from "gradus/check";
import { expect, test } from "vitest";
import { likelyLabel, tableFromCsv } from "./rows.ts";

const text = "a,label,b\n1,0,2\n3,1,4\n";

test("the label's column is taken out, wherever it stands", () => {
  const { values, labels, classes } = tableFromCsv(text, { name: "f.csv", features: 2, label: "label" });
  expect([...values]).toEqual([1, 2, 3, 4]);
  expect([...(labels ?? [])]).toEqual([0, 1]);
  expect(classes).toBeUndefined();
});

test("labels that are words are classes in the order of their appearance", () => {
  const words = "\uFEFFa,b,kind\r\n1,2,cat\r\n3,4,dog\r\n5,6,cat\r\n";
  const { labels, classes } = tableFromCsv(words, { name: "f.csv", features: 2, label: "kind" });
  expect([...(labels ?? [])]).toEqual([0, 1, 0]);
  expect(classes).toEqual(["cat", "dog"]);
});

test("without a label every column is a feature", () => {
  const { values, labels } = tableFromCsv(text, { name: "f.csv", features: 3 });
  expect([...values]).toEqual([1, 0, 2, 3, 1, 4]);
  expect(labels).toBeUndefined();
});

test("what does not fit is said with its numbers", () => {
  const read = (features: number, label?: string) => tableFromCsv(text, { name: "f.csv", features, label });
  expect(() => read(64, "label")).toThrow(
    "f.csv: the model takes 64 numbers a row, but the file has 2 columns beside “label”",
  );
  expect(() => read(2, "kind")).toThrow("f.csv: there is no column “kind”; the first line names a, label, b");
  expect(() => tableFromCsv("a,y\n1,0\nx,1\n", { name: "f.csv", features: 1, label: "y" })).toThrow(
    DataError,
  );
});

test("a usual name is likely the label, else the one column too many", () => {
  expect(likelyLabel(["Target", "a", "b"], 2)).toBe("Target");
  expect(likelyLabel(["a", "b", "c"], 2)).toBe("c");
  expect(likelyLabel(["a", "b"], 2)).toBeUndefined();
});
