import fc from "fast-check";
import { expect, test } from "vitest";
import { DataError } from "../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "./checkpoint.ts";

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
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("what cannot be stored is named by its path", () => {
  expect(() => serializeCheckpoint({ a: [1, () => 2] })).toThrow(/checkpoint\.a\[1\] is a function/);
  expect(() => serializeCheckpoint({ when: new Date(0) })).toThrow(DataError);
  expect(() => parseCheckpoint('{"a":')).toThrow(/not valid JSON/);
});
