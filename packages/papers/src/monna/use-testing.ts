import { expect } from "vitest";
import { numbersIn } from "../use-testing.ts";

/** What the program of this paper must print. */
export default function check(text: string): void {
  const [x, y] = numbersIn(text).slice(-2);
  expect(Math.hypot(x - 1, y + 1)).toBeLessThan(0.1);
}
