import fc from "fast-check";
import { expect, test } from "vitest";
import {
  areFinite,
  checkClassLabels,
  checkFiniteMatrix,
  checkFiniteVector,
  checkLabels,
  checkLength,
} from "./arrays.ts";
import { shown } from "./describe.ts";
import { ArgumentError, DataError } from "./errors.ts";
import {
  checkAtLeast,
  checkFinite,
  checkIntegerWithin,
  checkLimit,
  checkNonNegative,
  checkNonNegativeInteger,
  checkPositive,
  checkPositiveInteger,
  checkWithin,
} from "./numbers.ts";
import { checkBoolean, checkFunction, checkOneOf, checkOptions } from "./options.ts";

function messageOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

test("a message names the argument, what it got and what it wanted", () => {
  expect(messageOf(() => checkPositive({ decay: 1, learningRate: 0 }))).toBe(
    "learningRate must be a positive number, got 0",
  );
  expect(messageOf(() => checkPositiveInteger({ steps: -3 }))).toBe(
    "steps must be a positive integer, got -3",
  );
  expect(messageOf(() => checkWithin("[0, 1)", { momentum: 1 }))).toBe("momentum must be in [0, 1), got 1");
  expect(messageOf(() => checkOneOf(["a", "b", "c"], { which: "LM" }))).toBe(
    'which must be "a", "b" or "c", got "LM"',
  );
  expect(messageOf(() => checkOptions("sgd", { lr: 1 }, ["learningRate", "momentum"]))).toBe(
    'sgd has no option "lr"; its options are learningRate, momentum',
  );
  expect(messageOf(() => checkOptions("sgd", 0.1, ["learningRate"]))).toMatch(/must be an object, got 0.1/);
  expect(messageOf(() => checkFunction({ loss: "f1" }))).toBe('loss must be a function, got "f1"');
  expect(messageOf(() => checkBoolean({ symmetric: 1 }))).toBe("symmetric must be true or false, got 1");
  expect(messageOf(() => checkLength("b", new Float64Array(2), 3))).toBe("b must have 3 numbers, got 2");
});

test("options that all functions share are checked with their names", () => {
  const known = ["signal", "onProgress", "onIterate", "seed"];
  const check = (options: object) => messageOf(() => checkOptions("fit", options, known));
  expect(check({ signal: { aborted: false } })).toBe(
    "signal must be an AbortSignal, got an object with keys aborted",
  );
  expect(check({ onProgress: 1 })).toBe("onProgress must be a function, got 1");
  expect(check({ onIterate: "print" })).toBe('onIterate must be a function, got "print"');
  checkOptions("fit", { signal: AbortSignal.abort(), onProgress() {}, onIterate: undefined }, known);
});

test("an option that would be taken for absent is refused", () => {
  const known = ["seed"];
  expect(messageOf(() => checkOptions("fit", { seed: null }, known))).toBe("seed must not be null");
  expect(messageOf(() => checkOptions("fit", Object.create({ seed: 1 }), known))).toBe(
    "seed must not be inherited",
  );
  checkOptions("fit", Object.assign(Object.create(null), { seed: 1 }), known);
});

test("what is no number is refused by every check of numbers", () => {
  const checks = [
    checkFinite,
    checkPositive,
    checkNonNegative,
    checkLimit,
    checkPositiveInteger,
    checkNonNegativeInteger,
    (values: Record<string, unknown>) => checkAtLeast(0, values),
    (values: Record<string, unknown>) => checkWithin("[0, 1]", values),
    (values: Record<string, unknown>) => checkIntegerWithin(0, 9, values),
  ];
  for (const check of checks)
    for (const value of [undefined, null, "1", Number.NaN, [1], {}])
      expect(() => check({ value })).toThrow(ArgumentError);
});

test("an interval holds what its brackets say", () => {
  fc.assert(
    fc.property(fc.double({ min: -2, max: 2, noNaN: true }), (x) => {
      const inside = (interval: "[0, 1]" | "(0, 1]" | "[0, 1)" | "(0, 1)") => {
        try {
          checkWithin(interval, { x });
          return true;
        } catch {
          return false;
        }
      };
      expect(inside("[0, 1]")).toBe(x >= 0 && x <= 1);
      expect(inside("(0, 1]")).toBe(x > 0 && x <= 1);
      expect(inside("[0, 1)")).toBe(x >= 0 && x < 1);
      expect(inside("(0, 1)")).toBe(x > 0 && x < 1);
    }),
  );
});

test("data are refused with the place of the first number that does not fit", () => {
  expect(() => checkFiniteVector("y", [0, Number.NaN])).toThrow(
    new DataError("y must be finite, got NaN at index 1"),
  );
  expect(() => checkFiniteMatrix("x", [0, 1, 2, 3, Number.POSITIVE_INFINITY, 5], 2)).toThrow(
    "x must be finite, got Infinity in row 2, column 0",
  );
  expect(() => checkClassLabels("labels", [0, 2, 3], 3)).toThrow(
    "labels must be class numbers from 0 to 2, got 3 in row 2 (3 classes)",
  );
  expect(() => checkLabels("labels", [0, 1, 2], [0, 1])).toThrow("labels must be 0 or 1, got 2 in row 2");
  expect(() => checkLabels("y", [1, 0], [-1, 1])).toThrow(
    "y must be -1 or 1, got 0 in row 1; map labels 0 and 1 by 2 y - 1",
  );
  expect(() => checkLabels("y", Float64Array.of(-1, 1, -1), [-1, 1])).not.toThrow();
  for (const bad of [0, -0, 1e-300, 1 + 2 ** -52, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => checkLabels("y", Float64Array.of(-1, 1, bad), [-1, 1])).toThrow("in row 2");
  expect(() => checkLabels("y", Float64Array.of(0, 1, Number.MIN_VALUE), [0, 1])).toThrow("in row 2");
  expect(() => checkLabels("y", ["spam"] as never, [0, 1])).toThrow(
    'y must be 0 or 1, got "spam" in row 0; map each class to 0 or 1',
  );
});

test("values are shown as a reader would write them", () => {
  expect(shown("a")).toBe('"a"');
  expect(shown(-0.5)).toBe("-0.5");
  expect(shown(new Float64Array(3))).toBe("Float64Array of length 3");
  expect(shown({ a: 1 })).toBe("an object with keys a");
  expect(shown(new Map())).toBe("an object of class Map");
  expect(shown(undefined)).toBe("undefined");
});

test("one number that is not finite is found wherever it stands, and a sum that overflows is finite", () => {
  for (const length of [0, 1, 7, 8, 21])
    for (const ArrayType of [Float32Array, Float64Array]) {
      const largest = ArrayType === Float32Array ? 3.4e38 : Number.MAX_VALUE;
      const values = new ArrayType(length).fill(largest);
      expect(areFinite(values)).toBe(true);
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
        for (let k = 0; k < length; k++) {
          values[k] = bad;
          expect(areFinite(values)).toBe(false);
          values[k] = -1;
        }
    }
});

test("one number that is not finite is found at the edges of the parts that are added up", () => {
  for (const length of [8191, 8192, 8193, 8194, 16_389]) {
    const values = new Float64Array(length).fill(Number.MAX_VALUE);
    expect(areFinite(values)).toBe(true);
    for (const k of [0, 1, 4095, 4096, 4097, 8190, 8191, 8192, 8193, 8194, 16_387, 16_388])
      if (k < length) {
        values[k] = Number.NaN;
        expect(areFinite(values)).toBe(false);
        values[k] = -1;
      }
  }
});
