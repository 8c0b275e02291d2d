import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { NamedSpec } from "@gradus/graph";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readArray, readData } from "./read-data.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradus-data-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const tables = { given: {}, tell: () => {} };

const inputs: readonly NamedSpec[] = [
  { name: "x", spec: { dtype: "f32", shape: ["rows", 2] } },
  { name: "y", spec: { dtype: "i64", shape: ["rows"] } },
];
const expected = {
  x: { dtype: "f32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
  y: { dtype: "i64", shape: [2], data: BigInt64Array.of(7n, 8n) },
};

// The bytes that NumPy writes: np.save of np.array([[1, 2], [3, 4]], "<f4") and of np.array([7, 8], ">i8").
function npy(header: string, body: Uint8Array): Uint8Array {
  const padded = `${header.padEnd(117)}\n`;
  return Uint8Array.of(
    0x93,
    ...new TextEncoder().encode("NUMPY"),
    1,
    0,
    118,
    0,
    ...new TextEncoder().encode(padded),
    ...body,
  );
}
const matrix = npy(
  "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }",
  new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer),
);
const labels = npy(
  "{'descr': '>i8', 'fortran_order': False, 'shape': (2,), }",
  Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 8),
);
const names = npy("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", Uint8Array.of(97, 0, 0, 0));
const identifiers = npy(
  "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }",
  new Uint8Array(BigInt64Array.of(2n ** 60n + 1n).buffer),
);
const waves = npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", new Uint8Array(8));
const both = zipSync({ "y.npy": labels, "x.npy": matrix });
const other = zipSync({ "u.npy": matrix, "v.w.npy": labels });
const alone = zipSync({ "rows.npy": matrix });
const idx = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4);

describe("data for a model's inputs", () => {
  test.each([
    ["a table with a header", () => [file("a.csv", "u,v,label\n1,2,7\n3,4,8\n")]],
    ["a table without", () => [file("b.csv", "1,2,7\n3,4,8\n")]],
    ["LIBSVM lines, the label last", () => [file("c.libsvm", "7 1:1 2:2\n8 1:3 2:4\n")]],
    ["an object of nested lists", () => [file("d.json", '{"y": [7, 8], "x": [[1, 2], [3, 4]]}')]],
    ["an archive of NumPy by name", () => [file("all.npz", both)]],
    [
      "an archive with names beside its numbers",
      () => [file("words.npz", zipSync({ "x.npy": matrix, "y.npy": labels, "names.npy": names }))],
    ],
    ["arrays of an archive", () => [`x=${file("x.npz", other)}:u`, `y=${file("y.npz", other)}:v.w`]],
    ["a compressed archive", () => [file("all.npz.gz", gzipSync(both))]],
    [
      "an array of a compressed archive",
      () => [`x=${file("u.npz.gz", gzipSync(other))}:u`, `y=${file("v.npz.gz", gzipSync(other))}:v.w`],
    ],
    [
      "an archive with identifiers beside its numbers",
      () => [file("ids.npz", zipSync({ "x.npy": matrix, "y.npy": labels, "id.npy": identifiers }))],
    ],
    ["archives of one array", () => [`x=${file("p.npz", alone)}`, `y=${file("q.npz", other)}:v.w`]],
    ["NumPy's files", () => [`x=${file("x.npy", matrix)}`, `y=${file("y.npy", labels)}`]],
    ["IDX and a list", () => [`x=${file("x-idx2-ubyte", idx)}`, `y=${file("y.json", "[7, 8]")}`]],
    ["a compressed table with a header", () => [file("a.csv.gz", gzipSync("u,v,label\n1,2,7\n3,4,8\n"))]],
    ["a compressed table without", () => [file("b.csv.gz", gzipSync("1,2,7\n3,4,8\n"))]],
    ["compressed LIBSVM lines", () => [file("c.libsvm.gz", gzipSync("7 1:1 2:2\n8 1:3 2:4\n"))]],
    [
      "compressed files of NumPy and lists",
      () => [`x=${file("x.npy.gz", gzipSync(matrix))}`, `y=${file("y.json.gz", gzipSync("[7, 8]"))}`],
    ],
    ["a table of Windows", () => [file("W.CSV", "u,v,label\r\n1,2,7\r\n3,4,8\r\n")]],
    ["an archive with letters of Windows", () => [file("ALL.NPZ", both)]],
    [
      "NumPy's files with letters of Windows",
      () => [`x=${file("X.NPY", matrix)}`, `y=${file("Y.NPZ", other)}:v.w`],
    ],
    ["compressed IDX", () => [`x=${file("x-idx2-ubyte.gz", gzipSync(idx))}`, `y=${file("z.csv", "7\n8\n")}`]],
  ])("are read from %s", async (_, words) => {
    expect(await readData(words(), inputs, tables)).toEqual(expected);
  });

  const words: NamedSpec = { name: "x", spec: { dtype: "i64", shape: ["rows", "sequence"] } };

  test("give an open size what the columns leave", async () => {
    const table = file("words.csv", "1,2,3\n4,5,6\n");
    expect((await readData([table], [words], tables)).x.shape).toEqual([2, 3]);
    const { x, y } = await readData([table], [words, inputs[1]], tables);
    expect([x.data, y.data]).toEqual([BigInt64Array.of(1n, 2n, 4n, 5n), BigInt64Array.of(3n, 6n)]);
  });

  test("have their own shape where the model leaves several sizes open", async () => {
    const image: NamedSpec = { name: "x", spec: { dtype: "f32", shape: ["rows", "height", "width"] } };
    const path = file("images.json", "[[[1, 2, 3]], [[4, 5, 6]]]");
    expect((await readData([path], [image], tables)).x.shape).toEqual([2, 1, 3]);
    await expect(readData([file("flat.csv", "1,2\n")], [image], tables)).rejects.toThrow(
      "flat.csv is a table, which does not tell the sizes height, width of x [rows, height, width]: pass one .npy file per input, --data x=FILE",
    );
    const pairs: NamedSpec = { name: "x", spec: { dtype: "f32", shape: ["rows", "sequence", 2] } };
    await expect(readData([file("odd.csv", "1,2,3\n")], [pairs], tables)).rejects.toThrow(
      "odd.csv has 3 columns, which do not fit x [rows, sequence, 2] for any sequence",
    );
  });

  test.each([
    [
      "a damaged compressed file",
      () => [file("cut.csv.gz", gzipSync("1,2,7\n3,4,8\n").subarray(0, 20))],
      "cut.csv.gz is a damaged gzip file",
    ],
    [
      "other columns",
      () => [file("few.csv", "1,2\n3,4\n")],
      "few.csv has 2 columns; the model needs 3: x 2, then y 1",
    ],
    [
      "a missing number in the first row",
      () => [file("nan.csv", "nan,2,7\n3,4,8\n")],
      'nan.csv, line 1, column 1 (1) must be a finite number, got "nan"',
    ],
    [
      "labels that are not whole",
      () => [file("half.csv", "1,2,0.5\n")],
      "half.csv, row 1, must be a whole number for y, got 0.5",
    ],
    [
      "a number that is none",
      () => [
        `x=${file("n.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }", new Uint8Array(Float32Array.of(1, Number.NaN).buffer)))}`,
        `y=${file("one.json", "[1]")}`,
      ],
      "n.npy: the number at [0, 1] must be finite, got NaN",
    ],
    [
      "lists of unequal length",
      () => [file("r.json", '{"x": [[1, 2], [3]], "y": [1, 2]}')],
      "x of r.json must be nested lists of equal length at each depth, 2 x 2",
    ],
    [
      "an unknown name",
      () => [`x=${file("x.npy", matrix)}`, `y=${file("y.npy", labels)}`, `z=${file("y.npy", labels)}`],
      "the model has no input z",
    ],
    [
      "a name twice",
      () => ["x=a.csv", "x=b.csv"].map((word) => word.replace(/[ab]\.csv/, file("t.csv", "1,2\n"))),
      "--data x is given twice",
    ],
    [
      "an archive of several arrays without a name",
      () => [`x=${file("x.npz", other)}`, `y=${file("y.npy", labels)}`],
      "x.npz has u, v.w: name one of them, as in x.npz:u",
    ],
    [
      "a name that an archive does not have",
      () => [`x=${file("x.npz", other)}:w`, `y=${file("y.npy", labels)}`],
      'x.npz has no array "w"; it has u, v.w',
    ],
    [
      "an array that is no input",
      () => [file("three.npz", zipSync({ "x.npy": matrix, "y.npy": labels, "z.npy": labels }))],
      "the model has no input z",
    ],
    [
      "an archive that is cut short",
      () => [file("cut.npz", both.subarray(0, -5))],
      "cut.npz must be a ZIP archive",
    ],
    [
      "an archive of names alone",
      () => [file("names.npz", zipSync({ "names.npy": names }))],
      "names of names.npz: the numbers must be of type",
    ],
    [
      "complex numbers beside others",
      () => [file("waves.npz", zipSync({ "x.npy": matrix, "y.npy": labels, "z.npy": waves }))],
      "save .real and .imag apart",
    ],
    ["an archive of nothing", () => [file("empty.npz", zipSync({}))], "empty.npz holds no arrays"],
    ["a file that is not there", () => [join(folder, "none.csv")], "none.csv cannot be read"],
    ["JSON that is cut short", () => [file("cut.json", '{"x": [')], "cut.json is not valid JSON"],
  ])("are refused with %s", async (_, words, message) => {
    await expect(readData(words(), inputs, tables)).rejects.toThrow(message);
  });
});

test("NumPy files are read in column order, in both byte orders, and of half precision", async () => {
  // np.save of np.asfortranarray([[1.5, -2], [65504, 2 ** -24]]) as ">f2".
  const columns = npy(
    "{'descr': '>f2', 'fortran_order': True, 'shape': (2, 2), }",
    Uint8Array.of(0x3e, 0, 0x7b, 0xff, 0xc0, 0, 0, 1),
  );
  expect(await readArray(file("f.npy", columns), tables)).toEqual({
    shape: [2, 2],
    values: Float64Array.of(1.5, -2, 65504, 2 ** -24),
  });
  expect((await readArray(file("l.npy", labels), tables)).values).toEqual(Float64Array.of(7, 8));
});
