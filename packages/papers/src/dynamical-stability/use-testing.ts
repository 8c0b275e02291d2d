import { expect } from "vitest";
import { close, dot, gaussianRows, numbersIn, topEigenvalue } from "../use-testing.ts";

/** What the program of this paper must print. */
export default function check(text: string): void {
  const J = gaussianRows(50, 100);
  const gram = J.map((row) => Float64Array.from(J, (other) => dot(row, other) / 50));
  const top = topEigenvalue((v) => Float64Array.from(gram, (row) => dot(row, v)), 50);
  const [stochastic, bound, full] = numbersIn(text);
  close(full, 2 / top);
  expect(stochastic).toBeLessThanOrEqual(bound);
  expect(bound).toBeLessThan(full);
}
