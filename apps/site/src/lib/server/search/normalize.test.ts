import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LONGEST_QUERY, normalizeQuery, splitQuery } from "./normalize.ts";

describe("normalization", () => {
  test.each([
    ["  a \t b\n c ", "a b c"],
    ["Ho\u0308lder", "Hölder"],
    ["a\u200Bb\u202Ec\uFEFFd", "abcd"],
    ["क्\u200Dष", "क्\u200Dष"],
    ["\uFFFDx\uFFFD", "x"],
    ["x\u0000y", "xy"],
    ["a \u200B b", "a b"],
  ])("%j is searched for as %j", (raw, text) => {
    expect(normalizeQuery(raw).text).toBe(text);
  });

  test("250 characters are enough, counted as people count them", () => {
    expect(normalizeQuery("𝛼".repeat(LONGEST_QUERY))).toEqual({
      text: "𝛼".repeat(LONGEST_QUERY),
      length: LONGEST_QUERY,
      tooLong: false,
    });
    const cut = normalizeQuery("𝛼".repeat(LONGEST_QUERY + 1));
    expect(cut.tooLong).toBe(true);
    expect([...cut.text]).toHaveLength(LONGEST_QUERY);
  });

  test("normalizing twice changes nothing more", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (raw) => {
        const { text } = normalizeQuery(raw);
        expect(normalizeQuery(text).text).toBe(text);
      }),
      { seed: 7 },
    );
  });
});

test.each([
  ["gradient descent", "gradient descent", [], false],
  ['"gradient descent" -perceptron', '"gradient descent"', ["perceptron"], true],
  ['sgd -"batch size" adam', "sgd adam", ['"batch size"'], true],
  ["second-order", "second-order", [], false],
  ["a or b", "a or b", [], true],
  ["vector", "vector", [], false],
  ["-only", "", ["only"], true],
  ["- dash", "- dash", [], false],
  // What Postgres reads as marks between words.
  ["learning (-perceptron)", "learning ()", ["perceptron"], true],
  ["a&-b", "a&", ["b"], true],
])("%j wants %j", (text, wanted, unwanted, operators) => {
  expect(splitQuery(text)).toEqual({ wanted, unwanted, operators });
});
