import { expect, test } from "vitest";
import { addPair, noPairs } from "./compact-hessian.ts";
import { type CorrectionPair, withPair } from "./two-loop-recursion.ts";

const none: readonly CorrectionPair[] = [];

test.each([2 ** -300, 1, 2 ** 300])(
  "pairs are kept by their angle, in units of %d: not those at right angles but for rounding",
  (unit) => {
    const s = Float64Array.of(unit, 0);
    const nearly = Float64Array.of(2 ** -60 / unit, 1 / unit);
    const curved = Float64Array.of(2 ** -40 / unit, 1 / unit);
    const downward = Float64Array.of(-1 / unit, 0);
    for (const [y, kept] of [
      [nearly, 0],
      [curved, 1],
      [downward, 0],
    ] as const) {
      expect(withPair(none, { s, y }, 5)).toHaveLength(kept);
      expect(addPair(noPairs, s, y, 5).s).toHaveLength(kept);
    }
  },
);
