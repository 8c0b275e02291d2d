import { expect } from "vitest";
import { numbersIn } from "../use-testing.ts";

/** What the program of this paper must print. */
export default function check(text: string): void {
  const [loss, evaluations, distance, bytes] = numbersIn(text);
  // the noise of points on a curve in the plane: more than half of it is seen, not all
  expect(loss).toBeGreaterThan(0.1);
  expect(loss).toBeLessThan(0.6);
  expect(evaluations).toBe(2 * 24 + 1);
  // log-normal points with the same means and variances, but without the curve, are .4 away
  expect(distance).toBeLessThan(0.15);
  // two hidden layers of 64 and their ends, four bytes a weight
  expect(bytes).toBeGreaterThan(4 * 2 * 64 * 64);
}
