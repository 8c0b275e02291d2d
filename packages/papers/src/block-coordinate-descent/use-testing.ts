import { randomStream } from "gradus/random";
import { expect } from "vitest";
import { close, dot, gaussianRows, numbersIn } from "../use-testing.ts";

/** min 1/2 |Ax - c|^2 + 20 sum x over x >= 0, one coordinate after another. */
function nonnegativeLeastSquares() {
  const A = gaussianRows(400, 1000);
  const residual = randomStream(2)
    .fillNormal(new Float64Array(400))
    .map((value) => -value);
  const columns = Array.from({ length: 1000 }, (_, j) => Float64Array.from(A, (row) => row[j]));
  const x = new Float64Array(1000);
  for (let sweep = 0; sweep < 300; sweep++)
    columns.forEach((column, j) => {
      const moved = Math.max(0, x[j] - (dot(column, residual) + 20) / dot(column, column));
      for (let i = 0; i < 400; i++) residual[i] += (moved - x[j]) * column[i];
      x[j] = moved;
    });
  const value = dot(residual, residual) / 2 + 20 * x.reduce((sum, entry) => sum + entry, 0);
  return { value, support: x.filter((entry) => entry > 0).length };
}

/** What the program of this paper must print. */
export default function check(text: string): void {
  const { value, support } = nonnegativeLeastSquares();
  close(numbersIn(text)[0], value);
  expect(numbersIn(text)[2]).toBe(support);
}
