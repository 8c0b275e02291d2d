import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { parseCsv, readCsv } from "./csv.ts";

describe("parseCsv", () => {
  test("brings back every finite number that JavaScript prints", () => {
    const row = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.constantFrom("\n", "\r\n"), (rows, end) => {
        const text = rows.map((cells) => cells.join(",")).join(end);
        const table = parseCsv(text, { header: false });
        expect(Array.from(table.x.values)).toEqual(
          rows.flat().map((value) => (Object.is(value, -0) ? 0 : value)),
        );
        expect([table.x.rows, table.x.columns]).toEqual([rows.length, 3]);
      }),
    );
  });

  test("takes column names from the header, and numbers columns without one", () => {
    expect(parseCsv("a, b\n1,2\n").columns).toEqual(["a", "b"]);
    expect(parseCsv("1,2\n3,4", { header: false }).columns).toEqual(["1", "2"]);
  });

  test("refuses integers that float64 would round, and reads those beyond 2^53 that it holds", () => {
    expect(() => parseCsv("id,x\n9007199254740992,1\n-9007199254740993,2")).toThrow(
      "CSV, line 3, column 1 (id) must be exact in float64, got the integer -9007199254740993 beyond 2^53",
    );
    const kept = [2 ** 53, -(2 ** 54 + 4), 1e22, 2 ** 60];
    const { x } = parseCsv(
      `x\n${["9007199254740992", "-18014398509481988", `1${"0".repeat(22)}`, String(2 ** 60)].join("\n")}`,
    );
    expect([...x.values]).toEqual(kept);
    const text = "id\n9007199254740992\n9007199254740993";
    expect([...parseCsv(text, { categorical: ["id"] }).x.values]).toEqual([0, 1]);
    expect(() => parseCsv(`x\n${"9".repeat(400)}`)).toThrow("must be a finite number");
  });

  test("skips empty lines and a byte order mark, and reads quoted cells", () => {
    const table = parseCsv('\uFEFF"a","say ""b"", c"\n\n"1",-.5e1\n   \n');
    expect(table.columns).toEqual(["a", 'say "b", c']);
    expect(Array.from(table.x.values)).toEqual([1, -5]);
  });

  test("reads the bytes of a file as its text", () => {
    const text = '\uFEFFname,größe\r\n"ö",1.5\r\n';
    const options = { categorical: ["name"] };
    expect(parseCsv(new TextEncoder().encode(text), options)).toEqual(parseCsv(text, options));
  });

  test("codes categorical columns by first appearance", () => {
    const table = parseCsv("sex,age\nF,3\nM,4\nF,5\nother,6", { categorical: ["sex"] });
    expect(table.categories).toEqual({ sex: ["F", "M", "other"] });
    expect(Array.from(table.x.values)).toEqual([0, 3, 1, 4, 0, 5, 2, 6]);
  });

  test("leaves out rows with missing values where they are named, and counts them", () => {
    const text = "a,b,c\n1,2,u\n,3,v\n4,NA,w\n5,6,\n7,8,w\n";
    const table = parseCsv(text, { categorical: ["c"], missing: ["", "NA"] });
    expect(Array.from(table.x.values)).toEqual([1, 2, 0, 7, 8, 1]);
    expect(table.incompleteRows).toBe(3);
    expect(table.categories).toEqual({ c: ["u", "w"] });
    expect(parseCsv("a\n1\n").incompleteRows).toBe(0);
    expect(() => parseCsv("a,b\n?,1\n2,?\n", { missing: ["?"], name: "t.csv" })).toThrow(
      "t.csv has a missing value in each of its 2 rows",
    );
    expect(() => parseCsv("a\n1\n", { missing: "NA" as never })).toThrow(
      'missing must be an array of cells, such as ["", "NA"], got "NA"',
    );
  });

  test.each([
    ["x,y\n1,2\n3,four", 't.csv, line 3, column 2 (y) must be a finite number, got "four"'],
    ["x,y\n1,\n", "t.csv, line 2, column 2 (y) must be a finite number, got an empty cell"],
    ["x\nNaN", 't.csv, line 2, column 1 (x) must be a finite number, got "NaN"'],
    ["x\n0x1F", 'got "0x1F"'],
    ["x\n1e999", 'got "1e999"'],
    ["x,y\n1,2\n\n3", "t.csv, line 4 must have 2 cells, got 1"],
    ['x,y\n"1,2', "t.csv, line 2: unclosed quotation mark"],
    ['x,y\n1,2\n3,"4\n5,6\n', "t.csv, line 3: unclosed quotation mark"],
    [`x,y\n1,"${"2\n".repeat(2000)}"`, "t.csv, line 2: unclosed quotation mark"],
    ["x,y\r1,2\r3,4", "t.csv: lines must end in LF or CR LF, but the first ends in CR alone"],
    ["", "t.csv is empty"],
    ["\n\n", "t.csv is empty"],
    ["x,y\n", "t.csv has a header but no rows"],
  ])("rejects %j", (text, message) => {
    expect(() => parseCsv(text, { name: "t.csv" })).toThrow(DataError);
    expect(() => parseCsv(text, { name: "t.csv" })).toThrow(message);
  });

  test("skips lines on request, and still counts them", () => {
    const table = parseCsv("classFirst,2,comma\n1,2\n3,4", { header: false, skipLines: 1 });
    expect(Array.from(table.x.values)).toEqual([1, 2, 3, 4]);
    expect(() => parseCsv("x\n1\ny", { header: false, skipLines: 1, name: "t" })).toThrow(
      "t, line 3, column 1",
    );
    expect(() => parseCsv("x\n1", { skipLines: -1 })).toThrow(ArgumentError);
  });

  test.each([
    ["a;b\n1;2", "cells must be separated by commas, but the first line has semicolons"],
    ["a\tb\n1\t2", "cells must be separated by commas, but the first line has tabs"],
    ["a|b\n1|2", 'column 1 (a|b) must be a finite number, got "1|2"; cells are separated by commas'],
    ["sep=;\na;b\n1;2", "cells must be separated by commas, but the first line has semicolons"],
    ["a\0,\0b\0", "must be text in UTF-8, but has zero bytes"],
  ])("says what separates the cells of %j", (text, message) => {
    expect(() => parseCsv(text)).toThrow(message);
  });

  test("refuses bytes of another encoding, which would make one category of two", async () => {
    // "für" and "fär" in Windows-1252, then UTF-16 with its byte order mark
    const windows = Uint8Array.of(0x61, 0x0a, 0x66, 0xfc, 0x72, 0x0a, 0x66, 0xe4, 0x72, 0x0a);
    const utf16 = Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x0a, 0, 0x31, 0);
    const cutInside = Uint8Array.of(0x61, 0x0a, 0x66, 0xc3);
    for (const bytes of [windows, utf16, cutInside]) {
      const options = { categorical: ["a"], name: "towns.csv" };
      const message = "towns.csv must be text in UTF-8, but has bytes of another encoding";
      expect(() => parseCsv(bytes, options)).toThrow(message);
      await expect(readCsv(bytes, options)).rejects.toThrow(DataError);
      await expect(
        readCsv(
          Array.from(bytes, (byte) => Uint8Array.of(byte)),
          options,
        ),
      ).rejects.toThrow(message);
    }
  });

  test("rejects a categorical column that is not there", () => {
    expect(() => parseCsv("a,b\n1,2", { categorical: ["c"] })).toThrow(ArgumentError);
  });
});

describe("readCsv", () => {
  const text = '\uFEFFname,"größe"\r\nö,1.5\r\n\r\n"a, b",-2e3\nö,0.25';
  const bytes = new TextEncoder().encode(text);
  const options = { categorical: ["name"] };

  test("gives the same table however the bytes are cut", async () => {
    const whole = parseCsv(text, options);
    expect(whole.columns).toEqual(["name", "größe"]);
    expect(Array.from(whole.x.values)).toEqual([0, 1.5, 1, -2000, 0, 0.25]);
    for (let size = 1; size <= bytes.length; size++) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, k) =>
        bytes.subarray(k * size, (k + 1) * size),
      );
      expect(await readCsv(pieces, options)).toEqual(whole);
    }
  });

  test("reads a compressed body and counts lines over its pieces", async () => {
    const zipped = new Uint8Array(gzipSync(`a,b\n${"1,2\n".repeat(5000)}1,two`));
    await expect(readCsv(new Response(zipped).body ?? [], { name: "z" })).rejects.toThrow(
      'z, line 5002, column 2 (b) must be a finite number, got "two"',
    );
  });
});

test("quoted cells with line breaks", async () => {
  const text = 'size,"name of\r\nthe ""thing"""\r\n1,"two\r\nlines"\n2,one\n\n3,"two\nlines"\n';
  const options = { categorical: ['name of\nthe "thing"'] };
  const table = parseCsv(text, options);
  expect(table.columns).toEqual(["size", 'name of\nthe "thing"']);
  expect(table.categories).toEqual({ 'name of\nthe "thing"': ["two\nlines", "one"] });
  expect([...table.x.values]).toEqual([1, 0, 2, 1, 3, 0]);
  expect(await readCsv(new TextEncoder().encode(text), options)).toEqual(table);
  // Lines are counted as an editor counts them.
  expect(() => parseCsv('x,y\n1,"2\n"\n3,z', { name: "t.csv" })).toThrow("t.csv, line 4, column 2 (y)");
});

test("a chunk of many megabytes is read as small ones are, letters of two bytes at its pieces' ends included", async () => {
  // A line has 9 bytes, and one of the letters is in two pieces wherever they end at byte 1 or 3 of it, as after 2 MiB.
  const lines = 2 ** 18 + 3;
  const bytes = new TextEncoder().encode(`kind,y\n${"éé,1.5\n".repeat(lines)}x,2\n`);
  const { x, categories } = await readCsv([bytes], { categorical: ["kind"] });
  expect(x.rows).toBe(lines + 1);
  expect(categories.kind).toEqual(["éé", "x"]);
  expect([x.values[2 * lines - 1], x.values[2 * lines + 1]]).toEqual([1.5, 2]);
});

test("a categorical name that two columns have is refused", () => {
  const options = { categorical: ["kind"], name: "t.csv" };
  expect(() => parseCsv("kind,x,kind\na,1,b\n", options)).toThrow(
    't.csv: the categorical column "kind" must have a name of its own, but columns 1 and 3 have it',
  );
  expect(() => parseCsv("x,kind,kind\n1,a,b\n", options)).toThrow("columns 2 and 3 have it");
  expect(parseCsv("kind,x,x\na,1,2\n", options).categories).toEqual({ kind: ["a"] });
});

test("another file is read with the categories of the first", async () => {
  const train = parseCsv("sold,size\nyes,1\nno,2\nsoon,3\n", { categorical: ["sold"] });
  const options = { categorical: train.categories, name: "test.csv" };
  const test = parseCsv("size,sold\n4,no\n5,yes\n", options);
  expect(Array.from(test.x.values)).toEqual([4, 1, 5, 0]);
  expect(test.categories).toEqual({ sold: ["yes", "no", "soon"] });
  const error = 'test.csv, line 3, column 2 (sold) must be "yes", "no" or "soon", got "never"';
  expect(() => parseCsv("size,sold\n4,no\n5,never\n", options)).toThrow(new DataError(error));
  const bytes = new TextEncoder().encode("size,sold\n4,soon\n");
  expect(Array.from((await readCsv([bytes], options)).x.values)).toEqual([4, 2]);
  expect(() => parseCsv("a\n1\n", { categorical: { a: ["x", "x"] } })).toThrow(
    'categorical["a"] must be an array of different categories',
  );
  expect(() => parseCsv("a\n1\n", { categorical: "a" as never })).toThrow(ArgumentError);
});

test("semicolons and tabs separate cells where they are asked for", () => {
  expect(parseCsv('a;"b;c"\n1;2\n', { delimiter: ";" })).toMatchObject({
    columns: ["a", "b;c"],
    x: { values: Float64Array.of(1, 2) },
  });
  expect(parseCsv("a\tb\n1\t2\n", { delimiter: "\t" }).columns).toEqual(["a", "b"]);
  expect(() => parseCsv("a,b\n1,2\n", { delimiter: ";" })).toThrow(
    "cells must be separated by semicolons, but the first line has commas",
  );
  expect(() => parseCsv("a:b\n1:2\n", { delimiter: ":" as never })).toThrow("delimiter must be");
});
