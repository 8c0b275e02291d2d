import { expect, test } from "vitest";
import { sumOfCounts, verdictAcrossPlatforms } from "./claim-measurements.ts";

const runs = (...outcomes: readonly (readonly [string, boolean])[]) =>
  outcomes.map(([platform, held]) => ({ platform, held }));

test("a claim holds where every experiment on it held, on every platform", () => {
  expect(verdictAcrossPlatforms([])).toBe("not run");
  expect(verdictAcrossPlatforms(runs(["linux", true], ["linux", true]))).toBe("held");
  expect(verdictAcrossPlatforms(runs(["linux", true], ["linux", false]))).toBe("did not hold");
  expect(verdictAcrossPlatforms(runs(["linux", true], ["darwin", true]))).toBe("held");
  expect(verdictAcrossPlatforms(runs(["linux", false], ["darwin", false]))).toBe("did not hold");
  expect(verdictAcrossPlatforms(runs(["linux", true], ["darwin", false]))).toBe("differs by platform");
  expect(verdictAcrossPlatforms(runs(["linux", true], ["linux", false], ["darwin", true]))).toBe(
    "differs by platform",
  );
});

test("counts of papers add up", () => {
  expect(
    sumOfCounts([
      { total: 5, held: 3, did_not_hold: 1, not_run: 1 },
      { total: 2, held: 0, did_not_hold: 0, not_run: 2 },
    ]),
  ).toEqual({ total: 7, held: 3, did_not_hold: 1, not_run: 3 });
});
