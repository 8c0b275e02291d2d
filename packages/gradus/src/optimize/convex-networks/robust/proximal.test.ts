import fc from "fast-check";
import { expect, test } from "vitest";
import { networkLosses } from "../output-loss.ts";
import { normalRows } from "../test-support.ts";
import { projectOnEpigraph } from "./l1-epigraph.ts";
import { worstCaseLoss } from "./worst-case-loss.ts";

const normalOf = (length: number, seed: number) => normalRows(length, 1, seed).y;

test.each(networkLosses)(
  "%s: the worst-case value is the largest loss over the corners of the box",
  (name) => {
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom(-1, 1), (seed, y) => {
        const x = normalOf(4, seed);
        const a = normalOf(4, seed + 1);
        const perturbed = [true, false, true, true];
        const { value } = worstCaseLoss(name);
        const free = { x, y, epsilon: 0, perturbed };
        let worst = 0;
        for (let corner = 0; corner < 8; corner++) {
          const moved = x.slice();
          [0, 2, 3].forEach((j, bit) => {
            moved[j] += corner & (1 << bit) ? 0.3 : -0.3;
          });
          worst = Math.max(worst, value({ ...free, x: moved }, a));
        }
        expect(value({ x, y, epsilon: 0.3, perturbed }, a)).toBeCloseTo(worst, 10);
      }),
    );
  },
);

test.each(networkLosses)("%s: no point has a lower proximal objective than the proximal point", (name) => {
  const { value, prox } = worstCaseLoss(name);
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.constantFrom(-1, 1),
      fc.constantFrom(0, 0.1, 1),
      fc.constantFrom(0.1, 1, 20),
      (seed, y, epsilon, step) => {
        const example = { x: normalOf(4, seed), y, epsilon, perturbed: [true, true, true, false] };
        const z = normalOf(4, seed + 1);
        const best = z.slice();
        prox(example, best, step);
        const at = (a: Float64Array) =>
          value(example, a) + a.reduce((sum, entry, j) => sum + (entry - z[j]) ** 2, 0) / (2 * step);
        const least = at(best);
        for (let trial = 0; trial < 40; trial++) {
          const size = [1, 0.1, 1e-3, 1e-5][trial % 4];
          const noise = normalOf(4, seed + 100 + trial);
          expect(least).toBeLessThanOrEqual(at(best.map((entry, j) => entry + size * noise[j])) + 1e-9);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("the projection is in the set, and no other point of the set is nearer", () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.double({ min: -4, max: 4, noNaN: true }), (seed, t) => {
      const counted = [true, true, false, true, true];
      const q = normalOf(5, seed);
      const projected = q.slice();
      const bound = projectOnEpigraph(projected, 0, counted, t);
      const norm = (v: Float64Array) =>
        v.reduce((sum, value, j) => sum + (counted[j] ? Math.abs(value) : 0), 0);
      expect(norm(projected)).toBeLessThanOrEqual(bound + 1e-12);
      expect(projected[2]).toBe(q[2]);
      // obtuse angles: (p - proj)^T (c - proj) <= 0 for every c of the convex set
      for (let trial = 0; trial < 20; trial++) {
        const other = normalOf(5, seed + 50 + trial);
        const top = norm(other) + (trial % 3);
        let product = (t - bound) * (top - bound);
        for (let j = 0; j < 5; j++) product += (q[j] - projected[j]) * (other[j] - projected[j]);
        expect(product).toBeLessThanOrEqual(1e-9);
      }
    }),
  );
});
