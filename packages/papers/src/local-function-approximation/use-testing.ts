import { expect } from "vitest";
import { numbersIn } from "../use-testing.ts";

/** What the program of this paper must print. */
export default function check(text: string): void {
  // A linear classifier's gradients are a multiple of its weights: one feature is the largest for all of the additive
  // methods, and all of the multiplicative ones find one feature's share of the score.
  const lines = text.trim().split("\n");
  expect(lines).toHaveLength(8);
  const features = lines.map((line) => /: (.*) -?\d/.exec(line)?.[1]);
  expect(new Set(features.slice(5)).size).toBe(1);
  const [, , , path, product] = features;
  expect(path).toBe(product);
  // p (1 - p) is at most 1/4, and the weights of a linear model of standardized features are of size 1
  for (const line of lines) expect(Math.abs(numbersIn(line)[0])).toBeLessThan(1);
}
