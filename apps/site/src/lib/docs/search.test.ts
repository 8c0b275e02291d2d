import { expect, test } from "vitest";
import { type Entry, search } from "./search.ts";

const entry = (name: string, sentence = "", page = "Methods", kind = "function"): Entry => ({
  name,
  kind,
  page,
  sentence,
  href: `#${name}`,
});

const entries = [
  entry("conjugateGradientState"),
  entry("valueAndGradient"),
  entry("conjugateGradient", "Solves a system with a symmetric matrix."),
  entry("gradient", "The gradient of a scalar function."),
  entry("gradients"),
  entry("minres", "Solves an indefinite symmetric system."),
  entry("classificationMetrics.recall"),
];
const names = (query: string) => search(entries, query).map(({ name }) => name);

test("the name itself comes first, then what begins with it, then what has it inside", () => {
  expect(names("gradient")).toEqual([
    "gradient",
    "gradients",
    "valueAndGradient",
    "conjugateGradient",
    "conjugateGradientState",
  ]);
});

test("neither case nor spaces around matter", () => {
  expect(names("  GRADIENT ")).toEqual(names("gradient"));
});

test("words of the sentence find a symbol, all of them needed", () => {
  expect(names("symmetric system")).toEqual(["minres", "conjugateGradient"]);
  expect(names("symmetric nonsense")).toEqual([]);
});

test("a name is found by its words, as they are written in a sentence", () => {
  expect(names("conjugate gradient")).toEqual(["conjugateGradient", "conjugateGradientState"]);
  expect(names("Conjugate-Gradient s")).toEqual(["conjugateGradientState"]);
  const guide = entry("Choosing an optimizer", "", "Guides", "guide");
  expect(search([guide], "choosing an opt")).toEqual([guide]);
  expect(search([guide], "optimizer")).toEqual([guide]);
});

test("what can be called comes before types whose names are as near", () => {
  const all = [
    entry("StepView", "", "Methods", "interface"),
    entry("stepUntilDone"),
    entry("Step", "", "", "type"),
  ];
  expect(search(all, "step").map(({ name }) => name)).toEqual(["Step", "stepUntilDone", "StepView"]);
});

test("a member of a namespace is found by its own name", () => {
  expect(names("recall")).toEqual(["classificationMetrics.recall"]);
});

test("nothing asked, nothing found", () => {
  expect(names("   ")).toEqual([]);
});

test("what would be a pattern is text", () => {
  expect(names(".*")).toEqual([]);
});
