import { expect } from "vitest";
import { numbersIn } from "../use-testing.ts";

/** What the program of this paper must print. */
export default function check(text: string): void {
  const count = (name: string) => Number(new RegExp(`${name}: (\\d+)`).exec(text)?.[1]);
  const [steps, inner] = [50, 20];
  expect([count("oracleCalls"), count("innerSteps")]).toEqual([steps, steps * inner]);
  // A linear model: one product for the targets of a batch and one per step, and as many back.
  expect([count("forward"), count("pullback")]).toEqual([steps * (inner + 1), steps * inner]);
  expect(numbersIn(text)[0]).toBeGreaterThan(0);
}
