import { expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { scenarioBound } from "./scenario-bound.ts";

test("it is the least share for which so many samples suffice", () => {
  for (const rows of [1, 40])
    for (const samples of [200, 4000])
      for (const failure of [0.9, 0.05, 1e-6]) {
        const share = scenarioBound({ rows, samples, failure });
        const needed = (psi: number) =>
          Math.min((rows + 1) / (psi * failure) - 1, (2 / psi) * (rows + 1 - Math.log(failure)));
        if (share < 1) expect(needed(share) / samples).toBeCloseTo(1, 12);
        else expect(needed(1)).toBeGreaterThanOrEqual(samples);
      }
  expect(scenarioBound({ rows: 100, samples: 10 })).toBe(1);
});

test("one row: the largest of N uniform numbers leaves more than the bound out in fewer than xi of many draws", () => {
  const stream = randomStream(3);
  const [draws, samples, failure] = [2000, 100, 0.2];
  const bound = scenarioBound({ rows: 1, samples, failure });
  let failed = 0;
  for (let draw = 0; draw < draws; draw++) {
    let largest = 0;
    for (let i = 0; i < samples; i++) largest = Math.max(largest, stream.uniform());
    failed += Number(1 - largest > bound);
  }
  expect(failed / draws).toBeLessThanOrEqual(failure);
});

test("arguments that do not fit are refused", () => {
  expect(() => scenarioBound({ rows: 0, samples: 10 })).toThrow("rows must be a positive integer, got 0");
  expect(() => scenarioBound({ rows: 5, samples: 10, failure: 0 })).toThrow(
    "failure must be in (0, 1), got 0",
  );
});
