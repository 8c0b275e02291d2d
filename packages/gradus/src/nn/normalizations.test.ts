import { add, compile, f64, mul, type Tensor, toNumbers } from "@gradus/graph";
import fc from "fast-check";
import { expect, test } from "vitest";
import { groupNormalization, groupNormalizationParameters } from "./group-normalization.ts";
import { layerNormalization, layerNormalizationParameters } from "./layer-normalization.ts";

const moments = (values: readonly number[]) => {
  const mean = values.reduce((a, b) => a + b) / values.length;
  return { mean, variance: values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length };
};

test("layer normalization gives each row mean 0 and variance 1, then scale and shift, by hand", async () => {
  using program = await compile(({ p, x }) => layerNormalization(p, x, { epsilon: 0 }), {
    p: { scale: f64(4), shift: f64(4) },
    x: f64("n", 4),
  });
  const y = await program.run({
    p: { scale: Float64Array.of(1, 1, 2, 1), shift: Float64Array.of(0, 0, 0, 10) },
    x: Float64Array.of(1, 2, 3, 4, -2, -2, 2, 2),
  });
  // Deviations sqrt(1.25) and 2.
  const d = Math.sqrt(1.25);
  [-1.5 / d, -0.5 / d, 1 / d, 10 + 1.5 / d, -1, -1, 2, 11].forEach((v, i) => {
    expect(toNumbers(y)[i]).toBeCloseTo(v, 14);
  });
});

test("a row times a positive number plus another is normalized to the same row, over any trailing axes", async () => {
  using program = await compile(
    ({ x, factor, term }) => {
      const p = { scale: add(mul(x, 0), 1), shift: mul(x, 0) };
      const normalize = (v: Tensor) => layerNormalization(p, v, { epsilon: 0 });
      return { plain: normalize(x), moved: normalize(add(mul(x, factor), term)) };
    },
    { x: f64(2, 3), factor: f64(), term: f64() },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 6, maxLength: 6 }),
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      fc.double({ min: -10, max: 10, noNaN: true }),
      async (values, factor, term) => {
        fc.pre(moments(values).variance > 0.1);
        const { plain, moved } = await program.run({ x: Float64Array.from(values), factor, term });
        toNumbers(plain).forEach((v, i) => {
          expect(toNumbers(moved)[i]).toBeCloseTo(v, 9);
        });
        expect(moments(toNumbers(plain)).mean).toBeCloseTo(0, 12);
        expect(moments(toNumbers(plain)).variance).toBeCloseTo(1, 12);
      },
    ),
    { numRuns: 30, seed: 1 },
  );
});

test("group normalization: each group of channels of each example has mean 0 and variance 1", async () => {
  using program = await compile(
    ({ p, x }) => ({
      groups: groupNormalization(p, x, { groups: 2, epsilon: 0 }),
      instances: groupNormalization(p, x, { groups: 4, epsilon: 0 }),
    }),
    { p: { scale: f64(4), shift: f64(4) }, x: f64("n", 4, 3) },
  );
  const x = Float64Array.from({ length: 24 }, (_, i) => Math.sin(1 + i * i));
  const { groups, instances } = await program.run({ p: groupNormalizationParameters(4, "f64"), x });
  for (const [result, size] of [
    [toNumbers(groups), 6],
    [toNumbers(instances), 3],
  ] as const)
    for (let start = 0; start < 24; start += size) {
      const { mean, variance } = moments(result.slice(start, start + size));
      expect(mean).toBeCloseTo(0, 13);
      expect(variance).toBeCloseTo(1, 12);
    }
  const shifted = await program.run({
    p: { scale: Float64Array.of(1, 2, 3, 4), shift: Float64Array.of(0, 0, 0, 7) },
    x,
  });
  toNumbers(shifted.groups).forEach((v, i) => {
    const channel = Math.floor(i / 3) % 4;
    expect(v).toBeCloseTo(toNumbers(groups)[i] * (channel + 1) + (channel === 3 ? 7 : 0), 13);
  });
});

test("sizes and groups that do not fit are refused", async () => {
  expect(() => layerNormalizationParameters([])).toThrow(/shape/);
  expect(() => layerNormalizationParameters([2, 0])).toThrow(/shape\[1\]/);
  const p = { scale: f64(4), shift: f64(4) };
  await expect(
    compile(({ p, x }) => groupNormalization(p, x, { groups: 3 }), { p, x: f64("n", 4, 3) }),
  ).rejects.toThrow(/groups must be an integer that divides 4 channels, got 3/);
});
