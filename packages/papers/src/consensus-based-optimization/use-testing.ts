import { expect } from "vitest";
import { numbersIn } from "../use-testing.ts";

/** What the program of this paper must print. */
export default function check(text: string): void {
  const [value, evaluations] = numbersIn(text);
  // The next local minima of Rastrigin's function are at 0.995.
  expect(value).toBeLessThanOrEqual(1e-3);
  expect(value).toBeGreaterThanOrEqual(0);
  expect(evaluations % 50).toBe(0);
  expect(evaluations).toBeLessThanOrEqual(200_000);
}
