import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { csrToDense } from "../linalg/sparse/csr.ts";
import { parseLibsvm, readLibsvm } from "./libsvm.ts";

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const row = fc.record({
  label: number,
  entries: fc.dictionary(fc.integer({ min: 1, max: 40 }).map(String), number, { maxKeys: 8 }),
});
type Row = { label: number; entries: Record<string, number> };

function written(rows: Row[], end: string): string {
  return rows
    .map(({ label, entries }) =>
      [label, ...Object.entries(entries).map(([index, value]) => `${index}:${value}`)].join(" "),
    )
    .join(end);
}

function dense(rows: Row[], d: number): number[] {
  return rows.flatMap(({ entries }) => Array.from({ length: d }, (_, j) => entries[String(j + 1)] ?? 0));
}

const plain = (values: ArrayLike<number>) => Array.from(values, (v) => (Object.is(v, -0) ? 0 : v));

async function* cut(bytes: Uint8Array<ArrayBuffer>, sizes: number[]) {
  let at = 0;
  for (let k = 0; at < bytes.length; k++) {
    yield bytes.subarray(at, at + sizes[k % sizes.length]);
    at += sizes[k % sizes.length];
  }
}

test("skips a byte order mark, also one that comes in pieces, and nothing else of the kind", async () => {
  const text = "\uFEFF+1 1:0.5\n-1 2:3\n";
  const bytes = new TextEncoder().encode(text);
  for (const { x, y } of [
    parseLibsvm(text),
    parseLibsvm("\uFEFF+1 1:0.5\n-1 2:3"),
    parseLibsvm(bytes),
    await readLibsvm(cut(bytes, [1])),
  ]) {
    expect(Array.from(y)).toEqual([1, -1]);
    expect(Array.from(csrToDense(x).values)).toEqual([0.5, 0, 0, 3]);
  }
  expect(() => parseLibsvm("+1 1:0.5\n\uFEFF-1 2:3\n")).toThrow(
    "line 2, column 1: expected a finite number as label",
  );
});

describe("parseLibsvm", () => {
  test("brings back every number that JavaScript prints, bit for bit", () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.constantFrom("\n", "\r\n"), (rows, end) => {
        const { x, y } = parseLibsvm(written(rows, end), { dimension: 40 });
        expect([x.rows, x.columns]).toEqual([rows.length, 40]);
        expect(plain(y)).toEqual(plain(rows.map(({ label }) => label)));
        expect(plain(csrToDense(x).values)).toEqual(plain(dense(rows, 40)));
      }),
    );
  });

  test("rounds decimal numbers as JavaScript does, however they are written", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 22 });
    const exponent = fc.oneof(
      fc.constant(""),
      fc.integer({ min: -330, max: 280 }).map((e) => `e${e}`),
    );
    const decimal = fc.tuple(
      fc.constantFrom("", "+", "-"),
      digits,
      fc.constantFrom("", "."),
      digits,
      exponent,
    );
    fc.assert(
      fc.property(decimal, (parts) => {
        const text = parts.join("");
        fc.pre(Number.isFinite(Number(text)));
        expect(parseLibsvm(`${text} 1:${text}`)).toMatchObject({
          y: Float64Array.of(Number(text)),
          x: { values: Float64Array.of(Number(text)) },
        });
      }),
      { numRuns: 2000 },
    );
  });

  test("skips comments, empty lines and blanks, and needs no last line feed", () => {
    const { x, y } = parseLibsvm("# head\n\n+1 1:0.5\t3:-2e1 # tail\r\n \t\r\n  -1  \n2 2:.5 4:0 ");
    expect(Array.from(y)).toEqual([1, -1, 2]);
    expect(Array.from(x.rowPointers)).toEqual([0, 2, 2, 4]);
    expect(Array.from(x.columnIndices)).toEqual([0, 2, 1, 3]);
    expect(Array.from(x.values)).toEqual([0.5, -20, 0.5, 0]);
    expect(x.columns).toBe(4);
  });

  test("counts from 0 on request", () => {
    const { x } = parseLibsvm("1 0:5 2:7", { zeroBased: true });
    expect([x.columns, ...x.columnIndices]).toEqual([3, 0, 2]);
  });

  test.each([
    ["1 1:1\n1 2:x", 't, line 2, column 5: expected a finite number as value, got "x"'],
    ["one 1:1", 't, line 1, column 1: expected a finite number as label, got "one"'],
    ["1,2 1:1", 't, line 1, column 2: expected a space after the label, got ",2"'],
    ["1 2:1 2:3", 'column 7: expected an index above 2, in ascending order, got "2:3"'],
    [
      "1 0:1",
      "column 3: expected a feature index of at least 1 (pass zeroBased: true if indices start at 0)",
    ],
    ["\r\n\r\n1 7:1", 't, line 3, column 3: expected an index of at most 6, got "7:1"'],
    ["1 q:3 1:1", 'column 3: expected index:value, got "q:3"'],
    [
      "1 qid:3 1:1",
      'expected index:value (qid:, the query of a row in ranking, is not read: remove it), got "qid:3"',
    ],
    ["1 1\r\n", "t, line 1, column 4: expected a colon after the feature index, got the end of the line"],
    ["1 1:\n1", "t, line 1, column 5: expected a finite number as value, got the end of the line"],
    ["1 1:nan", 'column 5: expected a finite number as value, got "nan"'],
    ["1 1:1e999", 'column 5: expected a finite number as value, got "1e999"'],
    ["1 1:1e", 'column 5: expected a finite number as value, got "1e"'],
    ["1 1:2:3", 'column 6: expected a space after the value, got ":3"'],
    ["<!DOCTYPE html><html><head><title>", 'column 1: expected a finite number as label, got "<!DOCTYPE"'],
    ["", "t has no rows"],
    ["# nothing\n", "t has no rows"],
  ])("rejects %j", (text, message) => {
    expect(() => parseLibsvm(text, { name: "t", dimension: 6 })).toThrow(DataError);
    expect(() => parseLibsvm(text, { name: "t", dimension: 6 })).toThrow(message);
  });

  test("rejects a dimension that is none", () => {
    expect(() => parseLibsvm("1", { dimension: 0 })).toThrow(ArgumentError);
  });
});

describe("readLibsvm", () => {
  test("gives the same rows however the bytes are cut, compressed or not", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1 }), sizes, fc.boolean(), async (rows, pieces, zip) => {
        const text = written(rows, "\n");
        const bytes = new TextEncoder().encode(text);
        const source = cut(zip ? new Uint8Array(gzipSync(bytes)) : bytes, pieces);
        expect(await readLibsvm(source)).toEqual(parseLibsvm(text));
      }),
      { numRuns: 50 },
    );
  });

  test("counts lines over all pieces", async () => {
    const bytes = new TextEncoder().encode("1 1:1\n1 1:2\n1 3:4 3:5\n");
    for (const size of [1, 4, 7, 100])
      await expect(readLibsvm(cut(bytes, [size]), { name: "s" })).rejects.toThrow("s, line 3, column 7");
  });

  test("reads a response's body and reports damaged compression", async () => {
    const zipped = new Uint8Array(gzipSync("1 1:1\n".repeat(500)));
    const { body } = new Response(zipped);
    expect((await readLibsvm(body ?? [])).x.rows).toBe(500);
    await expect(readLibsvm(zipped.subarray(0, zipped.length - 9))).rejects.toThrow("corrupt or truncated");
  });

  test("passes on what the source throws, from inside compression too", async () => {
    async function* broken() {
      yield new Uint8Array(gzipSync("1 1:1\n")).subarray(0, 12);
      throw new RangeError("the disk is gone");
    }
    await expect(readLibsvm(broken())).rejects.toThrow("the disk is gone");
  });
});
