import { DataError } from "gradus/check";
import { expect, test } from "vitest";
import { likelyLabel, tableFromArrays, tableFromCsv } from "./rows.ts";

const text = "a,label,b\n1,0,2\n3,1,4\n";

test("the label's column is taken out, wherever it stands", () => {
  const { values, labels, classes } = tableFromCsv(text, {
    name: "f.csv",
    columns: [undefined, undefined],
    label: "label",
  });
  expect([...values]).toEqual([1, 2, 3, 4]);
  expect([...(labels ?? [])]).toEqual([0, 1]);
  expect(classes).toBeUndefined();
});

test("labels that are words are classes in the order of their appearance", () => {
  const words = "\uFEFFa,b,kind\r\n1,2,cat\r\n3,4,dog\r\n5,6,cat\r\n";
  const { labels, classes } = tableFromCsv(words, {
    name: "f.csv",
    columns: [undefined, undefined],
    label: "kind",
  });
  expect([...(labels ?? [])]).toEqual([0, 1, 0]);
  expect(classes).toEqual(["cat", "dog"]);
});

test("without a label every column is a feature", () => {
  const { values, labels } = tableFromCsv(text, {
    name: "f.csv",
    columns: [undefined, undefined, undefined],
  });
  expect([...values]).toEqual([1, 0, 2, 3, 1, 4]);
  expect(labels).toBeUndefined();
});

test("a first line of numbers is a row, and its columns are numbered", () => {
  const columns = new Array<undefined>(2).fill(undefined);
  const plain = tableFromCsv("\uFEFF0.5,-1\r\n2,3\r\n", { name: "f.csv", columns });
  expect([...plain.values]).toEqual([0.5, -1, 2, 3]);
  const { values, labels, classes } = tableFromCsv("1,2,0\n3,4,1\n", { name: "f.csv", columns, label: "3" });
  expect([...values]).toEqual([1, 2, 3, 4]);
  expect([...(labels ?? [])]).toEqual([0, 1]);
  expect(classes).toBeUndefined();
});

test("an empty file is refused as such", () => {
  const columns = new Array<undefined>(2).fill(undefined);
  const read = (content: string) => tableFromCsv(content, { name: "f.csv", columns });
  expect(() => read("")).toThrow("f.csv is empty");
});

test("semicolons, decimal commas and classes without a header are read, and what was said of the first line", () => {
  const columns = [undefined, undefined];
  const excel = tableFromCsv("a;b;kind\n1,5;2;x\n-0,5;4;y\n", { name: "f.csv", columns, label: "kind" });
  expect([...excel.values]).toEqual([1.5, 2, -0.5, 4]);
  expect(excel.classes).toEqual(["x", "y"]);
  const iris = tableFromCsv("5,3,setosa\n6,2,virginica\n5,4,setosa\n", {
    name: "f.csv",
    columns,
    label: "3",
  });
  expect([...(iris.labels ?? [])]).toEqual([0, 1, 0]);
  const pandas = "0,1\n5,6\n";
  expect([...tableFromCsv(pandas, { name: "f.csv", columns }).values]).toEqual([5, 6]);
  expect([...tableFromCsv(pandas, { name: "f.csv", columns, format: { header: false } }).values]).toEqual([
    0, 1, 5, 6,
  ]);
});

test("what does not fit is said with its numbers", () => {
  const read = (features: number, label?: string) =>
    tableFromCsv(text, { name: "f.csv", columns: new Array<undefined>(features).fill(undefined), label });
  expect(() => read(64, "label")).toThrow(
    "f.csv: the model takes 64 numbers a row, but the file has 2 columns beside “label”",
  );
  expect(() => read(2, "kind")).toThrow("f.csv: there is no column “kind”; the first line names a, label, b");
  expect(() => tableFromCsv("a,y\n1,0\nx,1\n", { name: "f.csv", columns: [undefined], label: "y" })).toThrow(
    DataError,
  );
});

test("a usual name is likely the label, else the one column too many", () => {
  expect(likelyLabel(["Target", "a", "b"], 2)).toBe("Target");
  expect(likelyLabel(["a", "b", "c"], 2)).toBe("c");
  expect(likelyLabel(["a", "b"], 2)).toBeUndefined();
});

const arrayOf = (name: string, shape: number[], values: number[]) => ({
  name,
  array: { shape, values: Float64Array.from(values) },
});

test("arrays are rows of numbers, with labels from another one", () => {
  const x = arrayOf("x.npy", [2, 2, 1], [1, 2, 3, 4]);
  expect(tableFromArrays(x, arrayOf("y.npy", [2], [1, 0]), 2)).toEqual({
    ...{ name: "x.npy", features: 2, values: Float64Array.of(1, 2, 3, 4), labels: Float64Array.of(1, 0) },
  });
  expect(tableFromArrays(x, undefined, 2).labels).toBeUndefined();
});

test.each([
  [
    arrayOf("x.npy", [2, 3], [1, 2, 3, 4, 5, 6]),
    undefined,
    "x.npy: the model takes 2 numbers a row, but the array is [2, 3]",
  ],
  [
    arrayOf("x.npy", [0, 2], []),
    undefined,
    "x.npy: the model takes 2 numbers a row, but the array is [0, 2]",
  ],
  [
    arrayOf("x.npy", [1, 2], [1, 2]),
    arrayOf("y.npy", [2], [0, 1]),
    "y.npy: there must be a label for each of the 1 rows of x.npy, but the array is [2]",
  ],
])("arrays that do not fit are refused: %#", (x, y, message) => {
  expect(() => tableFromArrays(x, y, 2)).toThrow(new DataError(message));
});

test("columns by name are read in their order, and what is not read may be words", () => {
  const wide = "id,a,b,kind,c\none,1,2,7,3\ntwo,4,5,8,6\n";
  const read = (...columns: (string | undefined)[]) =>
    tableFromCsv(wide, { name: "f.csv", columns, label: "kind" });
  expect(read("c", "a")).toEqual({
    name: "f.csv",
    values: Float64Array.of(3, 1, 6, 4),
    features: 2,
    labels: Float64Array.of(7, 8),
  });
  const mixed = tableFromCsv(text, { name: "f.csv", columns: ["b", undefined], label: "label" });
  expect([...mixed.values]).toEqual([2, 1, 4, 3]);
  expect(() => read("c", "z")).toThrow(
    "f.csv: there is no column “z”; the first line names id, a, b, kind, c",
  );
  expect(() => read(undefined, undefined)).toThrow(
    "the model takes 2 numbers a row, but the file has 4 columns beside “kind”; choose the columns of each input by name",
  );
  expect(() => read("c", undefined)).toThrow(
    "the model takes 1 numbers a row more, but the file has 3 columns beside those that are named",
  );
});

test("arrays may have several labels a row", () => {
  const x = arrayOf("x.npy", [2, 3], [1, 2, 3, 4, 5, 6]);
  const { labels, labelShape } = tableFromArrays(x, arrayOf("y.npy", [2, 1, 2], [1, 2, 3, 4]), 3);
  expect([...(labels ?? [])]).toEqual([1, 2, 3, 4]);
  expect(labelShape).toEqual([1, 2]);
  expect(tableFromArrays(x, arrayOf("y.npy", [2, 1], [1, 2]), 3).labelShape).toBeUndefined();
  expect(() => tableFromArrays(x, arrayOf("y.npy", [4, 2], [1, 2, 3, 4, 5, 6, 7, 8]), 3)).toThrow(
    "y.npy: there must be a label for each of the 2 rows of x.npy, but the array is [4, 2]",
  );
});
