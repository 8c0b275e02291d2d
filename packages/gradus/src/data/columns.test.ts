import { expect, test } from "vitest";
import { denseMatrix } from "../linalg/matrix.ts";
import { indicatorColumns, selectColumns, splitTarget } from "./columns.ts";
import { parseCsv } from "./csv.ts";

test("columns come in the order that is asked for, and may repeat", () => {
  const x = denseMatrix([1, 2, 3, 4, 5, 6], 2, 3);
  expect(selectColumns(x, [2, 0, 2])).toEqual(denseMatrix([3, 1, 3, 6, 4, 6], 2, 3));
  expect(selectColumns(x, [])).toEqual(denseMatrix([], 2, 0));
  expect(() => selectColumns(x, [0, 3])).toThrow("columns[1] must be an integer from 0 to 2, got 3");
  expect(() => selectColumns(x, ["a"] as never)).toThrow(
    'columns[0] must be an integer from 0 to 2, got "a"',
  );
});

test("a table is split into features and classes with their names", () => {
  const table = parseCsv("height,kind,weight\n1.7,b,68\n1.6,a,55\n1.8,b,81\n", { categorical: ["kind"] });
  expect(splitTarget(table, "kind")).toEqual({
    x: denseMatrix([1.7, 68, 1.6, 55, 1.8, 81], 3, 2),
    y: Float64Array.of(0, 1, 0),
    featureNames: ["height", "weight"],
    classNames: ["b", "a"],
  });
  const { y, classNames } = splitTarget(table, "weight");
  expect([Array.from(y), classNames]).toEqual([[68, 55, 81], []]);
  expect(() => splitTarget(table, "label")).toThrow(
    'target must be a column, height, kind, weight, got "label"',
  );
  expect(() => splitTarget(parseCsv("a\n1\n"), "a")).toThrow(
    "the table must have a column besides the target, got a alone",
  );
  // the other one would be a feature from which a model copies the target
  expect(() => splitTarget(parseCsv("y,a,y\n1,2,1\n"), "y")).toThrow(
    "the target y must have a name of its own, but columns 1 and 3 have it",
  );
});

test("indicators of categories stand where their column stood, and the target stays", () => {
  const text = "age,town,bought\n30,Bern,yes\n41,Basel,no\n52,Bern,no\n";
  const table = parseCsv(text, { categorical: ["town", "bought"] });
  const { columns, x, categories } = indicatorColumns(table, ["town"]);
  expect(columns).toEqual(["age", "town=Bern", "town=Basel", "bought"]);
  expect(x).toEqual(denseMatrix([30, 1, 0, 0, 41, 0, 1, 1, 52, 1, 0, 1], 3, 4));
  expect(categories).toEqual({ bought: ["yes", "no"] });
  expect(splitTarget(indicatorColumns(table, ["town"]), "bought")).toMatchObject({
    featureNames: ["age", "town=Bern", "town=Basel"],
    classNames: ["yes", "no"],
  });
  expect(() => indicatorColumns(table, ["age"])).toThrow(
    'names must be categorical columns, town, bought, got "age"',
  );
  expect(() => indicatorColumns(parseCsv("a\n1\n"), ["a"])).toThrow("of which there are none");
});
