import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { diffuse } from "../processes/marginals.ts";
import { variancePreservingProcess } from "../processes/variance-preserving.ts";
import { mixtureTarget } from "./mixture.ts";
import { ringTarget } from "./ring.ts";

const process = variancePreservingProcess({ startTime: 1e-6, endTime: 40 });
const corners = denseMatrix([0.8, 0.8, -0.8, 0.8, -0.8, -0.8, 0.8, -0.8], 4, 2);
const atoms = mixtureTarget(process, { centers: corners, weights: [0.1, 0.2, 0.3, 0.4] });
const clouds = mixtureTarget(process, { centers: corners, weights: [0.1, 0.2, 0.3, 0.4], deviation: 0.3 });
const ring = ringTarget(process);
const at = (...x: number[]) => denseMatrix(x, x.length / 2, 2);
const targets = { atoms, clouds, ring, wide: ringTarget(process, { radius: 2.5 }) };

describe("worked numbers", () => {
  test("of four atoms", () => {
    const x = at(0.1, 0.4);
    expect(atoms.posteriorMean(0.3, x).values[0]).toBeCloseTo(0.02552961, 8);
    expect(atoms.posteriorMean(0.3, x).values[1]).toBeCloseTo(0.41555001, 8);
    expect(atoms.posteriorVariance(0.3, x).values[0]).toBeCloseTo(0.63934824, 8);
    expect(atoms.posteriorVariance(0.3, x).values[1]).toBeCloseTo(0.46731819, 8);
    expect(atoms.score(0.3, x).values[0]).toBeCloseTo(-0.30104917, 8);
    expect(atoms.score(0.3, x).values[1]).toBeCloseTo(-0.16333244, 8);
  });

  test("of a ring and of one Gaussian", () => {
    const x = at(1.2 * 0.6, 1.2 * 0.8);
    const { values } = ring.posteriorMean(1, x);
    expect(Math.hypot(...values)).toBeCloseTo(0.4974755493, 9);
    const [a, b] = ring.posteriorVariance(1, x).values;
    expect(a + b).toBeCloseTo(0.7525180779, 9);
    const one = mixtureTarget(process, { centers: denseMatrix([0.5, -0.2], 1, 2), deviation: 0.3 });
    const mean = one.posteriorMean(0.4, at(0.3, 0.4)).values;
    expect(mean[0]).toBeCloseTo(0.4793372, 7);
    expect(mean[1]).toBeCloseTo(-0.0934894, 7);
  });
});

test.each(Object.entries(targets))("the score of %s is the gradient of its log density", (_, target) => {
  for (const t of [0.02, 0.3, 2]) {
    const x = [0.37, -0.81];
    const score = target.score(t, at(...x)).values;
    for (let j = 0; j < 2; j++) {
      const step = 1e-5;
      const moved = (sign: number) =>
        target.logDensity(t, at(...x.map((v, i) => v + (i === j ? sign * step : 0))))[0];
      expect(Math.abs((moved(1) - moved(-1)) / (2 * step) - score[j])).toBeLessThan(
        1e-6 * (1 + Math.abs(score[j])),
      );
    }
  }
});

test.each(Object.entries(targets))("the posterior moments of %s are those of its samples", (_, target) => {
  const n = 40_000;
  const clean = target.sample(n, randomStream(3));
  const { points } = diffuse(process, clean, 0.5, randomStream(4));
  const mean = target.posteriorMean(0.5, points).values;
  const variance = target.posteriorVariance(0.5, points).values;
  for (let j = 0; j < 2; j++) {
    // E (X_0 - f*) = 0, E (X_0 - f*) f* = 0 and E [(X_0 - f*)^2 - Var] = 0
    const terms = [0, 1, 2].map(() => new Float64Array(n));
    for (let i = 0; i < n; i++) {
      const k = 2 * i + j;
      const error = clean.values[k] - mean[k];
      terms[0][i] = error;
      terms[1][i] = error * mean[k];
      terms[2][i] = error * error - variance[k];
    }
    for (const term of terms) {
      const average = term.reduce((sum, one) => sum + one, 0) / n;
      const square = term.reduce((sum, one) => sum + (one - average) ** 2, 0) / n;
      expect(Math.abs(average)).toBeLessThan(4.5 * Math.sqrt(square / n));
    }
  }
});

test("early times recover the point, late times forget it", () => {
  const near = at(0.8, -0.79, -0.81, 0.8);
  expect([...atoms.posteriorMean(1e-5, near).values]).toEqual([0.8, -0.8, -0.8, 0.8]);
  const late = atoms.posteriorMean(40, at(0.3, 2)).values;
  // sum of weights times centers
  expect(late[0]).toBeCloseTo(0, 6);
  expect(late[1]).toBeCloseTo(-0.32, 6);
  expect([...ring.posteriorMean(1, at(0, 0)).values]).toEqual([0, 0]);
  const center = ring.posteriorVariance(1, at(0, 0)).values;
  expect([...center]).toEqual([0.5, 0.5]);
});

test("the score of standard normal data is -x at every time", () => {
  const normal = mixtureTarget(process, { centers: denseMatrix([0, 0], 1, 2), deviation: 1 });
  const score = normal.score(Float64Array.of(0.1, 3), at(0.4, -2, 1, 5)).values;
  [-0.4, 2, -1, -5].forEach((s, k) => {
    expect(score[k]).toBeCloseTo(s, 12);
  });
});

test("bad input is named", () => {
  const centers = corners;
  expect(() => mixtureTarget(process, { centers, weights: [1, 1, 0, 0] })).toThrow(/sum to 1, got the sum 2/);
  expect(() => mixtureTarget(process, { centers, weights: [-1, 2, 0, 0] })).toThrow(DataError);
  expect(() => mixtureTarget(process, { centers, weights: [1] })).toThrow(ArgumentError);
  expect(() => mixtureTarget(process, { centers, deviation: -1 })).toThrow(
    /deviation must be a non-negative/,
  );
  expect(() => ringTarget(process, { radius: 0 })).toThrow(/radius must be a positive number/);
  expect(() => atoms.score(1, denseMatrix([1, 2, 3], 1, 3))).toThrow(/points must have d = 2 columns, got 3/);
  expect(() => atoms.score(50, at(1, 2))).toThrow(/times must be in/);
  expect(() => ring.score(1, at(Number.NaN, 2))).toThrow(/points must be finite, got NaN in row 0/);
});
