import fc from "fast-check";
import { expect, test } from "vitest";
import { DataError } from "../check/errors.ts";
import { packCheckpoint, parseCheckpoint, serializeCheckpoint, unpackCheckpoint } from "./checkpoint.ts";

test("every bit of plain data comes back", () => {
  const leaf = fc.oneof(
    fc.double(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.bigInt(),
    fc.float64Array(),
    fc.float32Array(),
    fc.int32Array(),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("value")),
      fc.dictionary(fc.string(), tie("value")),
    ),
  }));
  fc.assert(
    fc.property(value, (original) => {
      const back = parseCheckpoint(serializeCheckpoint(original));
      expect(back).toStrictEqual(structuredClone(original));
      expect(unpackCheckpoint(Buffer.from(packCheckpoint(original)))).toStrictEqual(back);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("what cannot be stored is named by its path", () => {
  expect(() => serializeCheckpoint({ a: [1, () => 2] })).toThrow(/checkpoint\.a\[1\] is a function/);
  expect(() => serializeCheckpoint({ when: new Date(0) })).toThrow(DataError);
  expect(() => parseCheckpoint('{"a":')).toThrow(/not valid JSON/);
});

test("bytes that were cut off anywhere are refused", () => {
  const packed = packCheckpoint({ step: 3, x: Float64Array.of(1, 2), y: Float32Array.of(3) });
  for (let length = 0; length < packed.length; length++)
    expect(() => unpackCheckpoint(packed.subarray(0, length))).toThrow(DataError);
});
