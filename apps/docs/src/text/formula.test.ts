import fc from "fast-check";
import { expect, test } from "vitest";
import { splitFormulas } from "./formula.ts";

/** The formulas of a sentence. */
const formulas = (sentence: string) =>
  splitFormulas(sentence)
    .filter(({ formula }) => formula)
    .map(({ text }) => text);

test.each([
  ["Solves A x = b, A symmetric.", ["A x = b"]],
  [
    "m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, and the rest.",
    ["m = beta1 m + (1 - beta1) g", "v = beta2 v + (1 - beta2) g^2"],
  ],
  ["x W + b: [batch, inputs] to [batch, outputs].", ["x W + b"]],
  ["The error (at most |x - y|) and e^-x.", ["|x - y|", "e^-x"]],
  ["The loss (1/n) sum_i ln(1 + e^{-y_i <a_i, theta>}).", ["(1/n) sum_i ln(1 + e^{-y_i <a_i, theta>})"]],
  [
    "It ends when ||b - A x|| <= max(relative ||b||, absolute).",
    ["||b - A x|| <= max(relative ||b||, absolute)"],
  ],
  [
    "The update is -learningRate (m / (1 - beta1^t)) / (sqrt(v) + epsilon).",
    ["-learningRate (m / (1 - beta1^t)) / (sqrt(v) + epsilon)"],
  ],
  ["unless learningRate > 0", ["learningRate > 0"]],
])("finds what is written as a formula in: %s", (sentence, found) => {
  expect(formulas(sentence)).toEqual(found);
});

test.each([
  "Adam (Kingma and Ba, 2015, Algorithm 1) has two moments.",
  "A method is an iterator: it yields its iterates, and a reader may break.",
  "Rows of 3 numbers - or of 4 - are read as they come.",
  "The 784-128-10 network of section 4.2.",
  "I is a letter, and so is a.",
])("takes this for text: %s", (sentence) => {
  expect(formulas(sentence)).toEqual([]);
});

test("nothing is lost but the width of spaces", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "x",
      "=",
      "+",
      "(a",
      "b)",
      "x^2",
      "f(x)",
      "the",
      "sum,",
      "<a_i,",
      "y>",
      "|",
      "[0,",
      "1)",
      "∇",
    ),
    fc.string({ minLength: 1, maxLength: 6 }).filter((text) => !/\s/.test(text)),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      const sentence = words.join(" ");
      expect(
        splitFormulas(sentence)
          .map(({ text }) => text)
          .join(""),
      ).toBe(sentence);
    }),
  );
});
