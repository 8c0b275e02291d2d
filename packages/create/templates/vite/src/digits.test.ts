import { solve } from "gradus";
import { expect, test, vi } from "vitest";
import { digitReader, loadDigits, trainDigits } from "./digits.ts";

// Training takes seconds, and many times that on a machine in use.
vi.setConfig({ testTimeout: 120_000 });

async function trained(seed: number) {
  const digits = await loadDigits({ seed: 1 });
  const { iterate } = await solve(trainDigits(digits, { seed, epochs: 30 }));
  return { digits, ...iterate };
}

test("reads at least 94% of the held-out digits, of which guessing reads a tenth", async () => {
  for (const seed of [1, 2, 3]) {
    const { metrics } = await trained(seed);
    expect(metrics?.accuracy).toBeGreaterThanOrEqual(0.94);
  }
});

test("gives the same numbers for the same seed, and others for another", async () => {
  const [first, again, other] = [await trained(1), await trained(1), await trained(2)];
  expect(again.parameters).toEqual(first.parameters);
  expect(again.loss).toBe(first.loss);
  expect(other.loss).not.toBe(first.loss);
});

test("answers with the digits that the accuracy counts", async () => {
  const { digits, parameters, metrics } = await trained(1);
  const answers = await digitReader()(parameters, digits.test.x);
  const right = answers.filter((digit, i) => digit === Number(digits.test.y.data[i])).length;
  expect(right / answers.length).toBeCloseTo(metrics?.accuracy ?? 0, 6);
});
