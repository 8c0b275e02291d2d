import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import type { NpyArray } from "./npy.ts";
import { readNpz } from "./npz.ts";
import { archives, pickled, zeros } from "./npz-testing.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const bytesOf = (base64: string): Bytes => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const files = Object.entries(archives).map(([name, base64]) => [name, bytesOf(base64)] as const);
const [[, stored], [, deflated]] = files;

const types = ["f2", "f4", ">f8", "i1", ">i2", "i4", "i8", "u1", "u2", ">u4", "u8", "b1"];
const shapes = [[], [0], [5], [3, 4], [2, 3, 2]];
/** What the program in `npz-testing.ts` saves. */
const expected: Readonly<Record<string, NpyArray>> = Object.fromEntries(
  types.map((type, k) => {
    const shape = shapes[k % 5];
    const length = shape.reduce((product, size) => product * size, 1);
    const value = (i: number) =>
      type === "b1" ? (7 * i + k) % 2 : ((7 * i + k) % 11) + (type.includes("f") ? 0.25 : 0);
    return [`${k}_${type}`, { shape, values: Float64Array.from({ length }, (_, i) => value(i)) }];
  }),
);

/** The same bytes but for those from `at`. */
function changed(bytes: Bytes, at: number, ...values: number[]): Bytes {
  const copy = bytes.slice();
  copy.set(values, at);
  return copy;
}

/** Where a text begins, the last time. */
const lastOf = (bytes: Bytes, text: string) => Buffer.from(bytes).lastIndexOf(text, undefined, "latin1");

test.each(files)("reads every type, shape and order of NumPy's archives: %s", async (_, bytes) => {
  const arrays = await readNpz(bytes);
  expect(arrays).toEqual(expected);
  expect(Object.keys(arrays)).toEqual(Object.keys(expected));
  const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 700), bytes.subarray(700)];
  expect(await readNpz(pieces)).toEqual(expected);
  expect(await readNpz(new Blob([bytes]).stream())).toEqual(expected);
  expect(await readNpz(Uint8Array.from(gzipSync(bytes)))).toEqual(expected);
  const within = new Uint8Array(bytes.length + 9);
  within.set(bytes, 5);
  expect(await readNpz(within.subarray(5, 5 + bytes.length))).toEqual(expected);
});

test("reads the arrays asked for, whatever is wrong with others", async () => {
  const broken = changed(stored, Buffer.from(stored).indexOf("NUMPY") + 127, 1, 2);
  await expect(readNpz(broken, { name: "a.npz" })).rejects.toThrow(
    "a.npz: 0_f2.npy is damaged or truncated: its checksum (CRC-32) is another",
  );
  expect(await readNpz(broken, { arrays: ["5_i4"] })).toEqual({ "5_i4": expected["5_i4"] });
  await expect(readNpz(stored, { arrays: ["z"], name: "a.npz" })).rejects.toThrow(
    'a.npz has no array "z"; it has 0_f2, 1_f4',
  );
  for (const arrays of ["0_f2", [1]] as never[])
    await expect(readNpz(stored, { arrays })).rejects.toThrow(ArgumentError);
});

test("gives right arrays or a DataError whichever byte is another, and for every beginning of a file", async () => {
  const values = Object.values(expected).map((array) => JSON.stringify(array));
  const outcome = async (bytes: Bytes): Promise<boolean> => {
    try {
      // a name may have become another
      const arrays = await readNpz(bytes);
      return Object.values(arrays).every((array) => values.includes(JSON.stringify(array)));
    } catch (error) {
      return error instanceof DataError;
    }
  };
  const anyFile = fc.constantFrom(...files.map(([, bytes]) => bytes));
  await fc.assert(
    fc.asyncProperty(anyFile, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, where, by) => {
      const at = where % bytes.length;
      return outcome(changed(bytes, at, bytes[at] ^ by));
    }),
    { seed: 1, numRuns: 150 },
  );
  await fc.assert(
    fc.asyncProperty(anyFile, fc.nat(), async (bytes, where) => {
      await expect(readNpz(bytes.subarray(0, where % bytes.length))).rejects.toThrow(DataError);
    }),
    { seed: 2, numRuns: 100 },
  );
});

test("names what it does not read: encryption, other methods, objects, two arrays of one name, no archive", async () => {
  // the directory's last entry: flags at 8, method at 10, the name at 46
  const last = lastOf(stored, "PK\x01\x02");
  for (const [bytes, message] of [
    [changed(stored, last + 8, 1), "NPZ: 11_b1.npy is encrypted, which is not supported"],
    [changed(stored, last + 10, 12), "11_b1.npy must be stored or deflated, got compression method 12"],
    [changed(stored, last + 46, ...Buffer.from("10_u8.npy")), "NPZ"],
    [new Uint8Array(), "NPZ must be a ZIP archive; it is none, or is truncated"],
    [Uint8Array.from({ length: 100 }, (_, i) => i), "must be a ZIP archive"],
  ] as const) {
    await expect(readNpz(bytes)).rejects.toThrow(DataError);
    await expect(readNpz(bytes)).rejects.toThrow(message);
  }
  await expect(readNpz(bytesOf(pickled))).rejects.toThrow(DataError);
  await expect(readNpz(bytesOf(pickled))).rejects.toThrow("a of NPZ: the numbers must be of type");
  const first = lastOf(deflated, "3_i1.npy");
  await expect(
    readNpz(changed(deflated, first, ..."1_f4.npy".split("").map((c) => c.charCodeAt(0)))),
  ).rejects.toThrow('NPZ has two arrays called "1_f4"');
});

test("ends decompressing where there is more than the archive says, and when it is aborted", async () => {
  await expect(readNpz(bytesOf(zeros))).rejects.toThrow("it must have 1 bytes, got more");
  await expect(readNpz(stored, { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
});

test("leaves out arrays of text or objects where it is told to say so", async () => {
  const told: string[] = [];
  const onText = (array: string, { message }: DataError) => void told.push(`${array}: ${message}`);
  expect(await readNpz(bytesOf(pickled), { name: "p.npz", onText })).toEqual({});
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^a: a of p\.npz: the numbers must be of type .* got '\|O'/);
  await expect(readNpz(stored, { arrays: ["none"], onText })).rejects.toThrow("has no array");
  await expect(readNpz(stored, { onText: "skip" as never })).rejects.toThrow("onText must be a function");
});
