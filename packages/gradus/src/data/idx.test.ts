import { expect, test } from "vitest";
import { DataError } from "../errors.ts";
import { parseIdx } from "./idx.ts";

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
    "labels: the first bytes must be 00 00 08 and the number of dimensions (unsigned bytes in IDX), got 01 00 08 01",
  ],
  [[0, 0, 0x0d, 1, 0, 0, 0, 0], "got 00 00 0d 01"],
  [[0, 0, 8, 0], "got 00 00 08 00"],
  [[0, 0, 8, 3, 0, 0], "labels: the header of 3 dimensions must have 16 bytes, got 6"],
  [[0, 0, 8, 1, 0, 0, 1, 0, 7], "labels is cut off: shape 256 must take 264 bytes in all, got 9"],
  [[0, 0, 8, 1, 0, 0, 0, 1, 7, 7], "labels has bytes left over: shape 1 must take 9 bytes in all, got 10"],
])("rejects the bytes %j", (bytes, message) => {
  expect(() => parseIdx(Uint8Array.from(bytes), { name: "labels" })).toThrow(DataError);
  expect(() => parseIdx(Uint8Array.from(bytes), { name: "labels" })).toThrow(message);
});
