import fc from "fast-check";
import { expect, test } from "vitest";
import { networkLosses, outputLoss } from "./output-loss.ts";

const number = fc.double({ min: -20, max: 20, noNaN: true });

test.each(networkLosses)("%s: no point has a lower proximal objective than the proximal point", (name) => {
  const { prox, value } = outputLoss(name);
  fc.assert(
    fc.property(
      number,
      fc.constantFrom(-1, 1),
      fc.double({ min: 1e-3, max: 50, noNaN: true }),
      number,
      (z, y, step, other) => {
        const at = (a: number) => value(a, y) + (a - z) ** 2 / (2 * step);
        const best = prox(z, y, step);
        for (const a of [other, best + 1e-3, best - 1e-3, z])
          expect(at(best)).toBeLessThanOrEqual(at(a) + 1e-12 * (1 + Math.abs(at(a))));
      },
    ),
  );
});

test.each(networkLosses)("%s: the dual value is the least of  phi(z, y) + nu z  over a grid", (name) => {
  const { dual, dualFeasible, value } = outputLoss(name);
  for (const y of [-1, 1])
    for (const raw of [-1.7, -0.4, 0, 0.25, 0.999, 3]) {
      const nu = dualFeasible(raw, y);
      let least = Number.POSITIVE_INFINITY;
      for (let z = -60; z <= 60; z += 1 / 256) least = Math.min(least, value(z, y) + nu * z);
      expect(dual(nu, y)).toBeLessThanOrEqual(least + 1e-12);
      expect(dual(nu, y)).toBeGreaterThan(least - 1e-4);
    }
});
