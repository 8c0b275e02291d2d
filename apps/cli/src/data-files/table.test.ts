import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constant, exportOnnx, f32, matmul } from "@gradus/graph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand } from "../fixture/run-command.ts";

const IRIS = "5.1,3.5,1.4,0.2,Iris-setosa\n4.9,3.0,1.4,0.2,Iris-setosa\n7.0,3.2,4.7,1.4,Iris-versicolor\n";
const PANDAS = "0,1,2,3\n5.1,3.5,1.4,0.2\n4.9,3.0,1.4,0.2\n7.0,3.2,4.7,1.4\n";
const EXCEL = "a;b;c;d\r\n5,1;3,5;1,4;0,2\r\n4,9;3,0;1,4;0,2\r\n7,0;3,2;4,7;1,4\r\n";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "gradus-table-"));
  const model = exportOnnx(({ x }) => ({ y: matmul(x, constant(new Float32Array(8), [4, 2])) }), {
    x: f32("rows", 4),
  });
  writeFileSync(join(home, "model.onnx"), model);
});
afterAll(() => rmSync(home, { recursive: true }));

/** The rows of a table as `gradus explain` reads them: those from the third number on, and their names. */
async function explain(name: string, content: string, words = "") {
  writeFileSync(join(home, name), content);
  const line = `explain ${home}/model.onnx --data ${home}/${name} --json --samples 20 ${words}`;
  const { status, out, err } = await runCommand(line, { home });
  const { features, rows } = out === "" ? { features: [], rows: [] } : JSON.parse(out);
  return {
    status,
    err: err.replaceAll(/\s+/g, " "),
    features,
    rows: rows.map((row: { values: number[] }) => row.values),
  };
}

const FIRST = [5.1, 3.5, 1.4, 0.2].map((value) => expect.closeTo(value, 6));

describe("tables as programs write them", () => {
  test("iris.data, which has no header, keeps its first row", async () => {
    const { rows, features, err } = await explain("iris.data", IRIS, "--target 5");
    expect(rows, err).toEqual([FIRST]);
    expect(features).toEqual(["x1", "x2", "x3", "x4"]);
    expect((await explain("iris.data", IRIS, "--target 5 --row 4")).err).toContain("from 1 to the 3 rows");
  });

  test("pandas' names 0, 1, ... are told to be taken as names, and are a row where that is said", async () => {
    const names = await explain("pandas.csv", PANDAS);
    expect(names.rows).toEqual([FIRST]);
    expect(names.err).toContain(
      "pandas.csv: the first line is read as names of columns (0, 1, 2, 3); --header no reads it as a row.",
    );
    expect(names.err.match(/--header no/g)).toHaveLength(1);
    const row = await explain("pandas.csv", PANDAS, "--header no");
    expect(row.rows).toEqual([[0, 1, 2, 3]]);
    expect(row.err).not.toContain("--header");
  });

  test.each([
    ["excel.csv", EXCEL],
    ["tabs.tsv", EXCEL.replaceAll(";", "\t")],
    ["points.csv", EXCEL.replaceAll(",", ".")],
    ["bars.txt", EXCEL.replaceAll(";", "|")],
    ["excel.csv", `sep=;\r\n${EXCEL}`],
  ])("semicolons, tabs, vertical bars and decimal commas are recognized: %s", async (name, content) => {
    const { rows, features, err } = await explain(name, content);
    expect(rows, err).toEqual([FIRST]);
    expect(features).toEqual(["a", "b", "c", "d"]);
  });

  test.each([["spaces.data"], ["spaces.txt"]])(
    "columns separated by spaces are recognized: %s",
    async (name) => {
      const { rows, features, err } = await explain(name, EXCEL.replaceAll(",", ".").replaceAll(";", "  "));
      expect(rows, err).toEqual([FIRST]);
      expect(features).toEqual(["a", "b", "c", "d"]);
    },
  );

  test("spaces that may be in cells are told, with the option for the other reading", async () => {
    const words = await explain("words.txt", "A 5.1 B C D\nE 4.9 F G H\n", "--target 1");
    expect(words.err).toContain(
      "words.txt: cells are separated at spaces (A, 5.1, B, C, …); --delimiter comma reads a line as one cell.",
    );
    expect((await explain("uneven.csv", "a b c\n1 2\n")).err).toContain(
      'got "1 2"; cells are separated by commas; --delimiter space separates them at spaces',
    );
    const classes = await explain("classes.csv", "class 1\nclass 2\n");
    expect(classes.err).toContain("classes.csv: a line is read as one cell (class 1); --delimiter space");
  });

  test("options settle what a table leaves open", async () => {
    const thousands = "a;b;c;d\n1,250;1;2;3\n";
    const open = await explain("open.csv", thousands);
    expect(open.status).toBe(3);
    expect(open.err).toContain(
      'open.csv, line 2, column 1 (a) must be a finite number, got "1,250"; numbers are read with decimal points; --decimal comma reads the others',
    );
    expect((await explain("open.csv", thousands, "--decimal comma")).rows).toEqual([[1.25, 1, 2, 3]]);
    const text = "a,b;c,d\n1,2;3,4\n";
    expect((await explain("both.csv", text, "--delimiter comma")).err).toContain('got "2;3"');
    const other = await explain("other.csv", EXCEL, "--delimiter pipe");
    expect(other.err).toContain("It must be comma, semicolon, tab, bar or space.");
  });

  test("a target that is not there: the message says what the first line was taken for", async () => {
    const { status, err } = await explain("iris.data", IRIS, "--target species");
    expect(status).toBe(2);
    expect(err).toContain(
      'iris.data has no column "species"; it has 1, 2, 3, 4, 5; the first line is read as a row, --header yes reads it as names of columns',
    );
    expect((await explain("excel.csv", EXCEL, "--target e --header yes")).err).toMatch(/it has a, b, c, d $/);
  });

  test("a target whose name two columns have is refused: the other would be an input", async () => {
    const { status, err } = await explain("joined.csv", "y,a,b,c,y\n1,2,3,4,1\n0,1,2,3,0\n", "--target y");
    expect(status).not.toBe(0);
    expect(err).toContain(
      'joined.csv: the target "y" must have a name of its own, but columns 1 and 5 have it',
    );
  });

  test("a ragged table: the message names the option for another separator", async () => {
    expect((await explain("colons.csv", "a:b\n1,5:2\n")).err).toContain(
      "colons.csv, line 2 must have 1 cell, got 2; --delimiter says what separates cells if it is something else",
    );
  });

  test("a word for tables where no file is one is refused", async () => {
    const { status, err } = await explain("rows.json", "[[1, 2, 3, 4]]", "--delimiter tab");
    expect(status).toBe(2);
    expect(err).toContain("--delimiter applies to tables (.csv, .tsv, .data, .txt), got ");
    expect((await explain("rows.json", "[[1, 2, 3, 4]]")).status).toBe(0);
  });
});
