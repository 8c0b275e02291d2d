import { criterion, meets, type SeedCheck } from "@gradus/papers";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compactCheck } from "./official.ts";

test("figures for a page have six digits, and none changes its side of the condition", () => {
  const check = (measured: readonly number[], bound: number): SeedCheck => ({
    claim: "C1",
    experiment: "walk",
    label: "length",
    condition: { below: bound },
    ground: criterion("one"),
    measured,
    seeds: measured.map((_, i) => i + 1),
    held: 0,
  });
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: 1e-6, max: 1e6 }), { minLength: 1 }),
      fc.double({ noNaN: true, min: 1e-6, max: 1e6 }),
      (measured, bound) => {
        const { measured: short, condition } = compactCheck(check(measured, bound));
        short.forEach((value, i) => {
          expect(Math.abs(value - measured[i])).toBeLessThanOrEqual(5e-6 * measured[i]);
          expect(meets(value, condition)).toBe(meets(measured[i], condition));
        });
      },
    ),
    { seed: 1 },
  );
  expect(compactCheck(check([0.123456789, 0.9999999999], 1)).measured).toEqual([0.123457, 0.9999999999]);
});
