import { detectCsv } from "gradus/data";
import { expect, test } from "vitest";
import { formatWords, givenOf, settled, type TableSource } from "./row-source.ts";

function sourceOf(text: string, said: TableSource["said"] = {}): TableSource {
  const { columns, format } = detectCsv(text, said);
  const { uncertain } = detectCsv(text);
  return { file: new File([text], "rows.csv"), columns, label: undefined, format, said, uncertain };
}

test("a command settles what the file leaves open, and nothing else", () => {
  expect(settled(sourceOf("a;b\n1,5;2\n"))).toEqual({});
  expect(settled(sourceOf("0,1\n5,6\n"))).toEqual({ header: true });
  expect(settled(sourceOf("0,1\n5,6\n", { header: false }))).toEqual({ header: false });
  expect(settled(sourceOf("a;b\n1,500;2\n", { decimal: "," }))).toEqual({ decimal: "," });
});

test("the worker hears what was said of the file", () => {
  expect(givenOf(sourceOf("0,1\n5,6\n", { header: false }))).toMatchObject({ format: { header: false } });
});

test("a file that is no usual CSV file is described", () => {
  expect(formatWords(sourceOf("a,b\n1.5,2\n"))).toBe("");
  expect(formatWords(sourceOf("a;b\n1,5;2\n"))).toBe("semicolons between cells, decimal commas");
  expect(formatWords(sourceOf("a\tb\n1.5\t2\n"))).toBe("tabs between cells");
});
