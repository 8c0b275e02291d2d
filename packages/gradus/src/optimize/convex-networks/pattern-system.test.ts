import { expect, test } from "vitest";
import { cholesky, choleskySolve } from "../../linalg/factorize/cholesky.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { multiply, multiplyTransposed } from "../../linalg/multiply.ts";
import { patternSystem } from "./pattern-system.ts";
import { type ActivationPatterns, samplePatterns } from "./patterns.ts";
import { zeroMatrix } from "./products.ts";
import { normalRows } from "./test-support.ts";

/** F = [D_1 X ... D_P X, -D_1 X ... -D_P X] and G, written out. */
function formed(x: DenseMatrix, { count: P, masks }: ActivationPatterns): { F: DenseMatrix; G: DenseMatrix } {
  const { rows: n, columns: d, values } = x;
  const F = zeroMatrix(n, 2 * P * d);
  const G = zeroMatrix(2 * P * n, 2 * P * d);
  for (let i = 0; i < 2 * P; i++)
    for (let k = 0; k < n; k++)
      for (let j = 0; j < d; j++) {
        const active = masks[(i % P) * n + k];
        F.values[k * F.columns + i * d + j] = (i < P ? 1 : -1) * active * values[k * d + j];
        G.values[(i * n + k) * G.columns + i * d + j] = (2 * active - 1) * values[k * d + j];
      }
  return { F, G };
}

test.each([
  [7, 3, 4],
  [80, 6, 10],
])("n = %i, d = %i, P = %i: products and solves agree with matrices that are written out", (n, d, P) => {
  const { x, y } = normalRows(n, d, 5);
  const patterns = samplePatterns(x, { count: P, seed: 2 });
  const { F, G } = formed(x, patterns);
  const system = patternSystem(x, patterns);
  const size = 2 * P * d;
  const u = { rows: 2 * P, columns: d, values: normalRows(size, 1, 6).y };
  const close = (a: Float64Array, b: Float64Array, tolerance = 1e-11) => {
    for (let at = 0; at < b.length; at++)
      expect(Math.abs(a[at] - b[at])).toBeLessThan(tolerance * (1 + Math.abs(b[at])));
  };
  const signed = zeroMatrix(2 * P, n);
  system.signedInputs(u, signed);
  close(signed.values, multiply(G, u.values));
  const outputs = new Float64Array(n);
  system.outputs(signed, outputs);
  close(outputs, multiply(F, u.values));
  const adjoint = zeroMatrix(2 * P, d);
  system.outputAdjoint(y, adjoint);
  close(adjoint.values, multiplyTransposed(F, y));
  const s = { rows: 2 * P, columns: n, values: normalRows(2 * P * n, 1, 7).y };
  const expected = multiplyTransposed(G, s.values);
  system.adjointInPlace(s, adjoint);
  close(adjoint.values, expected);
  for (const sigma of [0.5, 10, 0.5]) {
    const A = zeroMatrix(size, size);
    for (let i = 0; i < size; i++) {
      const unit = new Float64Array(size);
      unit[i] = 1;
      const first = multiplyTransposed(F, multiply(F, unit));
      const second = multiplyTransposed(G, multiply(G, unit));
      for (let j = 0; j < size; j++) A.values[j * size + i] = sigma * first[j] + second[j] + unit[j];
    }
    const b = { ...u, values: u.values.slice() };
    system.solve(b, sigma);
    close(b.values, choleskySolve(cholesky(A), u.values), 1e-9);
  }
});

test("patterns of other rows are refused", () => {
  const patterns = samplePatterns(normalRows(5, 3, 1).x, { count: 3 });
  expect(() => patternSystem(normalRows(6, 3, 1).x, patterns)).toThrow("patterns must be of 6 rows");
});
