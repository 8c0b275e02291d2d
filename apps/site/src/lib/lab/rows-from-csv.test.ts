import { expect, test } from "vitest";
import { MOST_ROWS } from "./row-limit.ts";
import { rowsFromCsv } from "./rows-from-csv.ts";

test("takes the wanted columns in their order, beside columns of words", () => {
  const text = '\uFEFFname,"b",a\r\nfirst,2,1\r\nsecond,-4e1,.5\r\n';
  expect(rowsFromCsv(text, ["a", "b"])).toEqual([
    [1, 2],
    [0.5, -40],
  ]);
});

test("takes semicolons and decimal commas, as Excel writes them in many languages", () => {
  expect(rowsFromCsv("\uFEFFb;a\r\n2;1,5\r\n-4;0,25\r\n", ["a", "b"])).toEqual([
    [1.5, 2],
    [0.25, -4],
  ]);
});

test.each([
  ["a,b\n1,2", ["a", "c", "d"], "must name all 3 columns; 2 of them are missing, the first is “c”"],
  ["a,b\n1,x", ["a", "b"], 'your file, line 2, column 2 (b) must be a finite number, got "x"'],
  ["a,b", ["a", "b"], "your file has a header but no rows"],
  ["", ["a"], "1 of them are missing, the first is “a”"],
  [`a\n${"1\n".repeat(MOST_ROWS + 1)}`, ["a"], "must have at most 500 rows, got 501"],
])("says what is wrong with %j", (text, columns, message) => {
  expect(() => rowsFromCsv(text, columns)).toThrow(message);
});
