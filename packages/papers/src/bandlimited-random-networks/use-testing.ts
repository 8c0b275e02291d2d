import { randomStream } from "gradus/random";
import { expect } from "vitest";
import { dot, solved } from "../use-testing.ts";

const dampedWave = (t: number) => Math.exp(-3 * t) * Math.sin(12 * Math.PI * t);

/** The error and the sum of the weights of some ridge fit of a damped wave by units from [-1, 1]^2. */
function fitBySmallUnits(ridge: number): { readonly error: number; readonly sum: number } {
  const [N, n] = [400, 25];
  const stream = randomStream(5);
  const units = Array.from({ length: n }, () => [stream.uniform(-1, 1), stream.uniform(-1, 1)]);
  const y = Array.from({ length: N }, (_, j) => dampedWave(j / (N - 1)));
  const H = y.map((_, j) => units.map(([a, b]) => 0.5 + 0.5 * Math.tanh(((a * j) / (N - 1) - b) / 2)));
  const gram = units.map((_, i) =>
    units.map((__, k) => H.reduce((sum, row) => sum + row[i] * row[k], i === k ? ridge : 0)),
  );
  const c = solved(
    gram,
    units.map((_, i) => H.reduce((sum, row, j) => sum + row[i] * y[j], 0)),
  );
  const squares = H.reduce((sum, row, j) => sum + (dot(row, c) - y[j]) ** 2, 0);
  return { error: Math.sqrt(squares / N), sum: c.reduce((sum, weight) => sum + Math.abs(weight), 0) };
}

/** What the program of this paper must print. */
export default function check(text: string): void {
  const bounds = [...text.matchAll(/summing to (\d+): no error below ([\d.]+)/g)].map((found) =>
    found.slice(1).map(Number),
  );
  expect(bounds.map(([budget]) => budget)).toEqual([10, 1000]);
  const fits = [1e-8, 1e-6, 1e-4, 1e-2, 1].map(fitBySmallUnits);
  for (const [budget, bound] of bounds) {
    const within = fits.filter(({ sum }) => sum <= budget).map(({ error }) => error);
    const best = Math.min(...within);
    expect(within.length).toBeGreaterThan(0);
    expect(bound).toBeLessThanOrEqual(best);
    expect(bound).toBeGreaterThan(0.9 * best);
  }
  // smooth units of a small domain are polynomials of low degree to rounding
  expect(Number(text.match(/rank of the features: (\d+)/)?.[1])).toBeLessThan(15);
  const [, output, truth] = (text.match(/at 0.123: (\S+), true (\S+)/) ?? []).map(Number);
  expect(truth).toBe(dampedWave(0.123));
  expect(Math.abs(output - truth)).toBeLessThan(1e-6);
  expect(Number(text.match(/held-out rows: (\S+)/)?.[1])).toBeLessThan(1e-5);
}
