import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { parseCsv } from "./csv.ts";
import { detectCsv } from "./csv-format.ts";

const IRIS = "5.1,3.5,1.4,0.2,Iris-setosa\n4.9,3.0,1.4,0.2,Iris-setosa\n7.0,3.2,4.7,1.4,Iris-versicolor\n";

describe("the first line", () => {
  test.each<[string, string, boolean, readonly string[]]>([
    ["words above numbers", "a,b\n1,2\n", true, []],
    ["numbers above numbers", "1.5,2\n3,4\n", false, []],
    ["iris.data, whose text is in the last column", IRIS, false, []],
    ["pandas' names beside its index", ",0,1,2\n0,5,6,7\n", true, ["header"]],
    ["pandas' names", "0,1,2,3\n5.1,3.5,1.4,0.2\n", true, ["header"]],
    ["pandas' names of numbers and text", `0,1,2,3,4\n${IRIS}`, true, []],
    ["a row 0, 1 that occurs again", "0,1\n1,0\n0,1\n", false, []],
    ["a row that begins at 1", "1,2,3\n4,5,6\n", false, []],
    ["a name and pixel numbers", "label,0,1\n7,0,255\n", true, []],
    ["years above numbers, a word above words", "2001,2002,town\n1.5,2,Bern\n2,3,Basel\n", false, ["header"]],
    ["a missing value in the first row", "nan,2\n3,4\n", false, []],
    ["only numbers in the only line", "0,1,2\n", false, []],
    ["only words in the only line", "a,b\n", true, []],
    ["a 0 above a column of numbers", "0\n5.1\n4.9\n", false, ["header"]],
    ["only a 0", "0\n", false, []],
    ["a column that begins at 5", "5\n0\n", false, []],
    ["classes without a name", "setosa\nvirginica\nsetosa\n", false, []],
  ])("is recognized: %s", (_, text, header, uncertain) => {
    const found = detectCsv(text);
    expect(found.format.header).toBe(header);
    expect(found.uncertain).toEqual(uncertain);
  });

  test("is what it is said to be", () => {
    const { format, uncertain, columns, sample } = detectCsv("0,1\n5,6\n", { header: false });
    expect([format.header, uncertain, columns, sample[0]]).toEqual([false, [], ["1", "2"], ["0", "1"]]);
    expect(detectCsv("5,6\n7,8\n", { header: true }).columns).toEqual(["5", "6"]);
  });
});

describe("delimiters and decimals", () => {
  const expected = [1.5, 2, -0.25, 30];

  test.each([
    ["Excel in Germany or France", "x;y\r\n1,5;2\r\n-0,25;30\r\n"],
    ["Excel in the United States", "x,y\r\n1.5,2\r\n-0.25,30\r\n"],
    ["tabs", "x\ty\n1.5\t2\n-0.25\t30\n"],
    ["tabs and decimal commas", "x\ty\n1,5\t2\n-0,25\t30\n"],
    ["quoted decimal commas", 'x,y\n"1,5","2"\n"-0,25","30"\n'],
    ["decimal commas without a header", "1,5;2\n-0,25;30\n"],
    ["decimal commas in each cell, without a header", "1,5;2,0\n-0,25;30,0\n"],
    ["a name with the other sign", '"x, y";z\n1.5;2\n-0.25;30\n'],
    ["a byte order mark", "\uFEFFx;y\n1,5;2\n-0,25;30\n"],
    ["vertical bars", "x|y\n1.5|2\n-0.25|30\n"],
    ["vertical bars and decimal commas, without a header", "1,5|2,0\n-0,25|30,0\n"],
    ["Excel's own line", "sep=;\r\nx;y\r\n1,5;2\r\n-0,25;30\r\n"],
    ["Excel's own line after a byte order mark", "\uFEFFSEP=|\nx|y\n1.5|2\n-0.25|30\n"],
    ["Excel's own line of a sign that separates nothing", "sep=:\nx,y\n1.5,2\n-0.25,30\n"],
  ])("are found: %s", (_, text) => {
    for (const content of [text, new TextEncoder().encode(text)])
      expect(Array.from(parseCsv(content, detectCsv(content).format).x.values)).toEqual(expected);
  });

  test("a vertical bar in the name of the only column separates nothing", () => {
    const text = "P(y|x)\n0.5\n1\n";
    const { format, columns } = detectCsv(text);
    expect(columns).toEqual(["P(y|x)"]);
    expect(Array.from(parseCsv(text, format).x.values)).toEqual([0.5, 1]);
  });

  test("Excel's own line decides where other signs would do, but not against what is given", () => {
    const text = "sep=;\na,b;c,d\n1,5;2,5\n";
    expect(detectCsv(text).format).toEqual({ header: true, delimiter: ";", decimal: "," });
    expect(detectCsv(text, { delimiter: "," }).format.delimiter).toBe(",");
  });

  test("a comma that may separate thousands is not taken for a decimal sign", () => {
    const text = "a;b\n1,250;3\n2,500;4\n";
    const { format, uncertain } = detectCsv(text);
    expect(uncertain).toEqual(["decimal"]);
    expect(() => parseCsv(text, format)).toThrow(
      'column 1 (a) must be a finite number, got "1,250"; numbers are read with decimal points',
    );
    expect(parseCsv(text, detectCsv(text, { decimal: "," }).format).x.values[0]).toBe(1.25);
  });

  test("points among decimal commas are refused", () => {
    const text = "a;b\n0,5;1\n1.234;2\n";
    expect(() => parseCsv(text, { ...detectCsv(text).format, decimal: "," })).toThrow(
      'got "1.234"; numbers are read with decimal commas',
    );
  });

  test("a semicolon in words does not separate cells", () => {
    const text = "a,b,kind\n1,2,x;y\n3,4,z;w\n";
    expect(detectCsv(text).format.delimiter).toBe(",");
  });

  test("are found in the beginning of a long table, in which a row is cut off", () => {
    const text = `x;y\n${"1,5;2\n".repeat(30_000)}`;
    expect(detectCsv(text).format).toEqual({ header: true, delimiter: ";", decimal: "," });
  });

  test("an empty text has no columns", () => {
    expect(detectCsv("").columns).toEqual(["1"]);
    expect(() => detectCsv("", { sep: ";" } as never)).toThrow(ArgumentError);
  });
});

describe("spaces", () => {
  const GERMAN = "A11  6 A34 1169 A65\nA12 48 A32 5951 A61\nA14 12 A34 2096 A61\n";

  test.each<[string, string, readonly number[]]>([
    ["one between cells", "x y\n1.5 2\n-0.25 30\n", [1.5, 2, -0.25, 30]],
    ["columns of one width", "   1.5     2\r\n -0.25    30  \r\n", [1.5, 2, -0.25, 30]],
    ["decimal commas", "x y\n1,5 2,0\n-0,25 30,1\n", [1.5, 2, -0.25, 30.1]],
    ["quoted names", '"the x" y\n1 2\n', [1, 2]],
    ["a single row", "1 2 3\n", [1, 2, 3]],
  ])("separate cells: %s", (_, text, values) => {
    const { format } = detectCsv(text);
    expect(format.delimiter).toBe(" ");
    expect(Array.from(parseCsv(text, format).x.values)).toEqual(values);
  });

  test("separate text in quotation marks behind a tab, as in auto-mpg.data, which is told", () => {
    const text = '18.0   8  307.0\t"chevrolet ""malibu"""\n15.0   8  350.0\t"buick skylark"\n';
    const { format, uncertain } = detectCsv(text);
    expect(uncertain).toContain("delimiter");
    expect(parseCsv(text, { ...format, categorical: ["4"] }).categories).toEqual({
      4: ['chevrolet "malibu"', "buick skylark"],
    });
  });

  test.each<[string, string, string, readonly string[]]>([
    ["cells of mostly text, as in german.data", GERMAN, " ", ["delimiter"]],
    ["names with a number", "class 1\nclass 2\nclass 1\n", ",", ["delimiter"]],
    ["numbers with a unit", "weight\n5 kg\n6 kg\n", ",", []],
    ["a column of towns", "New York\nLos Angeles\n", ",", []],
    ["names of two words", "sepal length\n5.1\n4.9\n", ",", []],
    ["numbers with a unit beside words", "weight,size\n5 kg,big\n6 kg,small\n", ",", []],
    ["spaces behind commas", "a, b, c\n1, 2, 3\n", ",", []],
    ["empty cells between tabs", "1\t\t2\n3\t\t4\n", "\t", []],
    ["times", "t,x\n2024-01-01 10:00,5\n2024-01-01 11:00,6\n", ",", []],
  ])("are not certain to separate cells: %s", (_, text, delimiter, uncertain) => {
    const found = detectCsv(text);
    expect(found.format.delimiter).toBe(delimiter);
    expect(found.uncertain.filter((one) => one === "delimiter")).toEqual(uncertain);
  });

  test("between numbers in a cell are named where a cell is refused", () => {
    expect(() => parseCsv("x\n1 2\n", { header: true })).toThrow(
      'must be a finite number, got "1 2"; cells are separated by commas',
    );
  });
});

test("what is neither text nor bytes is refused by its name", () => {
  for (const none of [undefined, null, 5, ["x"]] as never[])
    for (const read of [parseCsv, detectCsv]) {
      expect(() => read(none)).toThrow(ArgumentError);
      expect(() => read(none)).toThrow("content must be text or bytes in UTF-8, got ");
    }
  const { buffer } = new TextEncoder().encode("x\n1\n2\n");
  expect([...parseCsv(buffer as never).x.values]).toEqual([1, 2]);
  expect(detectCsv(buffer as never).format.header).toBe(true);
});
