import { expect } from "vitest";
import { numbersIn } from "../use-testing.ts";

/** What the program of this paper must print. */
export default function check(text: string): void {
  const [loss, rows, epochs] = numbersIn(text);
  expect({ rows, epochs }).toEqual({ rows: 1024, epochs: 5 });
  // Ten equally likely classes cost ln 10.
  expect(loss).toBeLessThan(Math.LN10 / 2);
  expect(loss).toBeGreaterThan(0);
}
