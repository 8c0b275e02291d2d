import { compile, f64, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import { fourierFeatures, fourierFrequencies, sinusoidalEmbedding } from "./time-embedding.ts";

test("sines, then cosines, of frequencies from 1 down to 1/maxPeriod", async () => {
  using program = await compile(
    ({ t }) => ({
      plain: sinusoidalEmbedding(t, { dimension: 6, maxPeriod: 100 }),
      scaled: sinusoidalEmbedding(t, { dimension: 6, maxPeriod: 100, scale: 2 }),
    }),
    { t: f64("n") },
  );
  const { plain, scaled } = await program.run({ t: Float64Array.of(0, 3) });
  expect(plain.shape).toStrictEqual([2, 6]);
  const at = (t: number) => {
    const angles = [t, t / 10, t / 100];
    return [...angles.map(Math.sin), ...angles.map(Math.cos)];
  };
  [...at(0), ...at(3)].forEach((v, i) => {
    expect(toNumbers(plain)[i]).toBeCloseTo(v, 14);
  });
  at(6).forEach((v, i) => {
    expect(toNumbers(scaled)[6 + i]).toBeCloseTo(v, 14);
  });
});

test("inner products of Fourier features estimate the Gaussian kernel (Rahimi and Recht, 2007)", async () => {
  // E cos(2 pi b (x - y)) = exp(-2 pi^2 deviation^2 |x - y|^2) for normal b.
  const [deviation, count] = [0.3, 20_000];
  const b = fourierFrequencies({ inputs: 2, count, deviation, stream: randomStream(2), dtype: "f64" });
  using program = await compile(({ x, b }) => fourierFeatures(x, b), { x: f64("n", 2), b: f64(2, count) });
  const x = [0.1, 0.5, 0.4, 0.2];
  const features = toNumbers(await program.run({ x: Float64Array.from(x), b }));
  const product =
    features.slice(0, 2 * count).reduce((s, v, i) => s + v * features[2 * count + i], 0) / count;
  const distance = (0.1 - 0.4) ** 2 + (0.5 - 0.2) ** 2;
  // Standard error below 1/sqrt(2 count) = 0.005.
  expect(Math.abs(product - Math.exp(-2 * Math.PI ** 2 * deviation ** 2 * distance))).toBeLessThan(0.02);
});

test("odd dimensions and tables of times are refused", async () => {
  for (const dimension of [5, 2])
    await expect(compile(({ t }) => sinusoidalEmbedding(t, { dimension }), { t: f64("n") })).rejects.toThrow(
      ArgumentError,
    );
  await expect(
    compile(({ t }) => sinusoidalEmbedding(t, { dimension: 4 }), { t: f64("n", 1) }),
  ).rejects.toThrow(/t must have one dimension/);
  expect(() => fourierFrequencies({ inputs: 1, count: 4, deviation: 0, stream: randomStream(1) })).toThrow(
    /deviation/,
  );
});
