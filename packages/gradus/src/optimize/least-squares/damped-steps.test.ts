import fc from "fast-check";
import { expect, test } from "vitest";
import { gaussianNumbers } from "../../linalg/test-matrices.ts";
import { norm2 } from "../../linalg/vector.ts";
import { dampedSteps } from "./damped-steps.ts";

/** J^T (J d + u) + damping D^2 d, over D: zero where d is the damped step. */
function residue(
  J: Float64Array,
  u: Float64Array,
  D: Float64Array,
  damping: number,
  d: Float64Array,
): number {
  const n = D.length;
  const after = u.map((ui, i) => d.reduce((sum, dj, j) => sum + J[i * n + j] * dj, ui));
  return norm2(
    d.map((dj, j) => after.reduce((sum, v, i) => sum + J[i * n + j] * v, damping * D[j] ** 2 * dj) / D[j]),
  );
}

test("a step is the damped one of its damping, as long as the radius or undamped within it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: -6, max: 6, noNaN: true }),
      fc.constantFrom(0, 1e-8, 1, 1e8),
      (m, n, seed, exponent, first) => {
        const J = gaussianNumbers(seed, m * n);
        const u = gaussianNumbers(seed + 1, m);
        const D = gaussianNumbers(seed + 2, n).map((z) => 10 ** (3 * z));
        for (let k = 0; k < J.length; k++) J[k] *= D[k % n];
        const radius = 10 ** exponent;
        const { d, damping, length } = dampedSteps({ u, J }, D)(radius, first);
        expect(length).toBeCloseTo(norm2(d.map((dj, j) => D[j] * dj)), 10);
        if (damping === 0) expect(length).toBeLessThanOrEqual(1.1 * radius);
        else expect(Math.abs(length / radius - 1)).toBeLessThanOrEqual(0.1);
        const size = norm2(J.map((entry, k) => entry / D[k % n])) ** 2 + damping;
        expect(residue(J, u, D, damping, d)).toBeLessThan(1e-11 * size * (length + norm2(u)));
      },
    ),
  );
});

test("dependent columns get no part of an undamped step, and the shortest damped one", () => {
  // both columns alike: d_1 + d_2 = -1
  const [J, u, D] = [Float64Array.of(1, 1, 0, 0), Float64Array.of(1, 3), Float64Array.of(1, 1)];
  const steps = dampedSteps({ u, J }, D);
  expect([...steps(10, 0).d].sort((a, b) => a - b)).toEqual([-1, 0]);
  const { d, damping } = steps(0.1, 0);
  expect(damping).toBeGreaterThan(0);
  expect(d[0]).toBeCloseTo(d[1], 14);
  expect(d[0]).toBeCloseTo(-1 / (2 + damping), 14);
});

test("a gradient of zero needs no damping", () => {
  const still = dampedSteps({ u: Float64Array.of(0, 2), J: Float64Array.of(1, 0) }, Float64Array.of(1));
  expect(still(1e-9, 1)).toMatchObject({ damping: 0, length: 0 });
});
