import { expect, test } from "vitest";
import { normalCdf } from "../statistics/normal-distribution.ts";
import { randomStream, randomStreamFrom } from "./stream.ts";

const N = 2_000_000;
const draws = randomStream(21).fillNormalZiggurat(new Float64Array(N));

test("moments of orders 1 to 6 are those of the standard normal", () => {
  // E x^k and E x^2k
  const moments = [
    [1, 0, 1],
    [2, 1, 3],
    [3, 0, 15],
    [4, 3, 105],
    [5, 0, 945],
    [6, 15, 10395],
  ];
  for (const [k, mean, square] of moments) {
    const measured = draws.reduce((sum, x) => sum + x ** k, 0) / N;
    expect(Math.abs(measured - mean)).toBeLessThan(5 * Math.sqrt((square - mean ** 2) / N));
  }
});

test("the counts of 200 intervals fit the distribution function", () => {
  const [low, high, bins] = [-4, 4, 200];
  const edges = Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins);
  const counts = new Float64Array(bins + 2);
  for (const x of draws) {
    const bin = Math.floor(((x - low) / (high - low)) * bins) + 1;
    counts[Math.min(bins + 1, Math.max(0, bin))] += 1;
  }
  const cdf = [0, ...edges.map((x) => normalCdf(x)), 1];
  let chi2 = 0;
  for (let i = 0; i < counts.length; i++) {
    const expected = N * (cdf[i + 1] - cdf[i]);
    chi2 += (counts[i] - expected) ** 2 / expected;
  }
  // 201 degrees of freedom: mean 201, variance 402
  expect(Math.abs(chi2 - 201)).toBeLessThan(5 * Math.sqrt(402));
});

test("the tail beyond the layers has its share, and its mean", () => {
  const start = 3.6541528853610088;
  const tail = draws.filter((x) => Math.abs(x) > start).map(Math.abs);
  const probability = 2 * normalCdf(-start);
  expect(Math.abs(tail.length / N - probability)).toBeLessThan(5 * Math.sqrt(probability / N));
  // The mean beyond a is phi(a) / (1 - Phi(a)); the standard deviation there is about 1/a.
  const mean = (Math.exp((-start * start) / 2) / Math.sqrt(2 * Math.PI) / probability) * 2;
  const measured = tail.reduce((sum, x) => sum + x, 0) / tail.length;
  expect(Math.abs(measured - mean)).toBeLessThan(5 / start / Math.sqrt(tail.length));
});

test("neighbors are uncorrelated", () => {
  let sum = 0;
  for (let i = 1; i < N; i++) sum += draws[i] * draws[i - 1];
  expect(Math.abs(sum / N)).toBeLessThan(5 / Math.sqrt(N));
});

test("goes on from a state bit for bit", () => {
  const stream = randomStream(3);
  stream.fillNormalZiggurat(new Float64Array(137));
  const resumed = randomStreamFrom(stream.state);
  const rest = stream.fillNormalZiggurat(new Float64Array(3000));
  expect(resumed.fillNormalZiggurat(new Float64Array(3000))).toEqual(rest);
  expect(resumed.state).toEqual(stream.state);
});

test("fills float32 arrays, and nothing where there is no place", () => {
  const single = randomStream(4).fillNormalZiggurat(new Float32Array(1000));
  const double = randomStream(4).fillNormalZiggurat(new Float64Array(1000));
  expect(single.filter((x, i) => x === Math.fround(double[i])).length).toBeGreaterThan(980);
  const stream = randomStream(5);
  const before = stream.state;
  stream.fillNormalZiggurat(new Float64Array(0));
  expect(stream.state).toEqual(before);
});
