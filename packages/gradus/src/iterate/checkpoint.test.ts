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

test("bytes go into a blob as they are, also for the compiler", () => {
  const packed = packCheckpoint({ x: Float64Array.of(1, 2) });
  expect(new Blob([packed]).size).toBe(packed.length);
});

test("bytes that were cut off anywhere are refused", () => {
  const packed = packCheckpoint({ step: 3, x: Float64Array.of(1, 2), y: Float32Array.of(3) });
  for (let length = 0; length < packed.length; length++)
    expect(() => unpackCheckpoint(packed.subarray(0, length))).toThrow(DataError);
});

test.each([
  ['{"x":{"$gradus":"Float64Array","base64":"%"}}'],
  ['{"x":{"$gradus":"Float64Array","base64":"AAAA"}}'],
  ['{"x":{"$gradus":"bigint","value":"one"}}'],
  ['{"x":{"$gradus":"Map"}}'],
])("a text that no checkpoint has is refused: %s", (text) => {
  expect(() => parseCheckpoint(text)).toThrow(DataError);
  expect(() => parseCheckpoint(text)).toThrow(/^checkpoint: a value cannot be read: /);
});

test("a place without a value is undefined, and a key of the format is refused before it is written", () => {
  const holes = new Array<number>(2);
  holes[1] = 3;
  expect(parseCheckpoint(serializeCheckpoint(holes))).toStrictEqual([undefined, 3]);
  expect(() => serializeCheckpoint({ own: { $gradus: "mine" } })).toThrow(
    "checkpoint: checkpoint.own has the key $gradus, which checkpoints use",
  );
});
