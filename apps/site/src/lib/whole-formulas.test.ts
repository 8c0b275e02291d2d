import fc from "fast-check";
import { expect, test } from "vitest";
import { wholeFormulas } from "./whole-formulas.ts";

const whole = (text: string) => wholeFormulas(text).flatMap((part) => (part.whole ? [part.text] : []));

test("short formulas are whole, with what they are in parentheses or before a comma", () => {
  expect(whole("At γ = 1e6 (η ≤ 2/λ), for p = 3, 4 and 6: n > 10.")).toEqual([
    "γ = 1e6",
    "η ≤ 2/λ)",
    "p = 3",
    "n > 10.",
  ]);
  // After an index, which is an element of its own.
  expect(whole(" = 3 holds")).toEqual([" = 3"]);
});

test("words and long formulas break as ever", () => {
  expect(whole("the limit of optimization = approximation")).toEqual([]);
  expect(whole("a < b and nothing else")).toEqual(["a < b"]);
});

test("the parts are the text", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("γ", " = ", " ", "1e6", ",", "(", " ≤ ", "word")), (pieces) => {
      const text = pieces.join("");
      expect(
        wholeFormulas(text)
          .map((part) => part.text)
          .join(""),
      ).toBe(text);
    }),
  );
});
