import { expect, it } from "vitest";
import { didYouMean, either, nearest } from "./suggest.ts";

const slugs = ["anyloss", "normalized-logistic-gd", "adadagrad", "penalty-bilevel"];

it("finds the names that a misspelled one may mean, nearest first", () => {
  expect(nearest("anylos", slugs)).toEqual(["anyloss"]);
  expect(nearest("AnyLoss", slugs)).toEqual(["anyloss"]);
  expect(nearest("adagrad", slugs)).toEqual(["adadagrad"]);
  expect(nearest("normalised-logistic-gd", slugs)).toEqual(["normalized-logistic-gd"]);
  expect(nearest("bilevel", slugs)).toEqual(["penalty-bilevel"]);
  expect(nearest("rnu", ["list", "verify", "run"])).toEqual(["run"]);
});

it("suggests nothing for a name unlike all others, and at most three names", () => {
  expect(nearest("transformer", slugs)).toEqual([]);
  expect(didYouMean("transformer", slugs)).toBe("");
  expect(nearest("aa", ["ab", "ac", "ad", "ae"])).toHaveLength(3);
});

it("writes a sentence", () => {
  expect(either(["a", "b", "c"])).toBe("a, b or c");
  expect(either(["a"])).toBe("a");
  expect(didYouMean("anylos", slugs)).toBe(" Did you mean anyloss?");
});
