import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { DataError } from "../check/errors.ts";
import { parseIdx, readIdx } from "./idx.ts";

test("reads shape and values after a header with big-endian sizes", () => {
  const bytes = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 20, 30, 40, 50, 255);
  expect(parseIdx(bytes)).toEqual({ shape: [2, 3], values: Uint8Array.of(10, 20, 30, 40, 50, 255) });
  const within = new Uint8Array([9, ...bytes, 9]).subarray(1, -1);
  expect(parseIdx(within).shape).toEqual([2, 3]);
});

test.each([
  [[0, 0, 8], "labels: the header must have at least 4 bytes, got 3"],
  [
    [1, 0, 8, 1, 0, 0, 0, 0],
    "labels: the first bytes must be 00 00, a type (08, 09, 0b, 0c, 0d or 0e) and the number of dimensions, got 01 00 08 01",
  ],
  [[0, 0, 0x0a, 1, 0, 0, 0, 0], "got 00 00 0a 01"],
  [
    [0, 0, 0x0d, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0x7f, 0x80, 0, 0],
    "labels, byte 12: value 1 must be finite, got Infinity",
  ],
  [[0, 0, 8, 0], "got 00 00 08 00"],
  [[0, 0, 8, 3, 0, 0], "labels: the header of 3 dimensions must have 16 bytes, got 6"],
  [[0, 0, 8, 1, 0, 0, 1, 0, 7], "labels is truncated: shape 256 needs 264 bytes in total, got 9"],
  [
    [0, 0, 8, 1, 0, 0, 0, 1, 7, 7],
    "labels has extra bytes at the end: shape 1 needs 9 bytes in total, got 10",
  ],
])("rejects the bytes %j", (bytes, message) => {
  expect(() => parseIdx(Uint8Array.from(bytes), { name: "labels" })).toThrow(DataError);
  expect(() => parseIdx(Uint8Array.from(bytes), { name: "labels" })).toThrow(message);
});

test.each([
  [9, [0xff, 0x7f], Int8Array.of(-1, 127)],
  [11, [0xff, 0xfe, 0x01, 0x02], Int16Array.of(-2, 258)],
  [12, [0xff, 0xff, 0xff, 0xfd, 0, 0, 1, 1], Int32Array.of(-3, 257)],
  [13, [0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0], Float32Array.of(1, -2.5)],
  [14, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0x04, 0, 0, 0, 0, 0, 0], Float64Array.of(1, -2.5)],
])("reads big-endian values of type %i", (type, bytes, values) => {
  expect(parseIdx(Uint8Array.of(0, 0, type, 1, 0, 0, 0, 2, ...bytes))).toEqual({ shape: [2], values });
});

test("reads a stream however it is cut, compressed or not", async () => {
  const values = Uint8Array.from({ length: 600 }, (_, i) => i % 251);
  const bytes = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 20, 0, 0, 0, 15, ...values);
  for (const whole of [bytes, new Uint8Array(gzipSync(bytes))])
    for (const size of [1, 3, 16, 17, 1000]) {
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, k) =>
        whole.subarray(k * size, (k + 1) * size),
      );
      expect(await readIdx(pieces)).toEqual({ shape: [2, 20, 15], values });
    }
  await expect(readIdx([bytes, Uint8Array.of(1)], { name: "images" })).rejects.toThrow(
    "images has extra bytes at the end",
  );
  const impossible = Uint8Array.of(0, 0, 8, 3, ...new Array(12).fill(255), 1);
  await expect(readIdx([impossible], { name: "images" })).rejects.toThrow(
    "images: shape 4294967295 x 4294967295 x 4294967295 needs",
  );
  await expect(readIdx([bytes.subarray(0, 99)], { name: "images" })).rejects.toThrow("images is truncated");
  await expect(readIdx([bytes.subarray(0, 9)])).rejects.toThrow(
    "the header of 3 dimensions must have 16 bytes",
  );
});
