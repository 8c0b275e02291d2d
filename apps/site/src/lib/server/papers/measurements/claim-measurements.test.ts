import { expect, test } from "vitest";
import { noClaims, sumOfCounts } from "./claim-measurements.ts";

test("counts of papers add up", () => {
  expect(
    sumOfCounts([
      { ...noClaims, total: 5, held: 2, mixed: 1, did_not_hold: 1, not_run: 1 },
      { ...noClaims, total: 3, inconclusive: 1, not_run: 2 },
    ]),
  ).toEqual({ total: 8, held: 2, mixed: 1, did_not_hold: 1, inconclusive: 1, not_run: 3 });
  expect(sumOfCounts([])).toEqual(noClaims);
});
