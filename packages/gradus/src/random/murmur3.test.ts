import { expect, test } from "vitest";
import { murmur3 } from "./murmur3.ts";

function hex(text: string, seed: number): string {
  const words = murmur3(new TextEncoder().encode(text), new Int32Array(4).fill(seed));
  return Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

test.each([
  ["", 0, "00000000000000000000000000000000"],
  ["0", 0, "0ab2409ea5eb34f8a5eb34f8a5eb34f8"],
  ["The", 1223, "a7666fba8d90bf198d90bf198d90bf19"],
  ["The quick brown fox jumps over the lazy dog", 0, "2f1583c3ecee2c675d7bf66ce5e91d2c"],
  ["The quick brown fox jumps over the lazy dog", 47, "d251f7a605fc03d60d44643701610f99"],
])("hashes %j with seed %i as published", (text, seed, expected) => {
  expect(hex(text, seed)).toBe(expected);
});
