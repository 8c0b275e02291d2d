import { describe, expect, test } from "vitest";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { ridgeActivation } from "./activations.ts";
import { fitRandomNetwork, randomNetworkPath } from "./fit.ts";
import { randomUnits } from "./hidden-units.ts";
import { lowerBoundAt, randomNetworkLowerBound } from "./lower-bound.ts";
import { supremumOverBox } from "./supremum.ts";
import { column, sampled, threeBumps } from "./test-targets.ts";

const { x, values: y } = sampled(threeBumps, 300);

describe("the lower bound", () => {
  const certificate = randomNetworkLowerBound({ x: column(x), y, slope: 1, grid: 81 });

  test("is near the figures of another program, and near what networks reach", () => {
    expect(certificate.kind).toBe("proved");
    expect(certificate.targetRms).toBeCloseTo(0.1107, 3);
    // 0.0940, 0.0778, 0.0746 and 0.035 there
    for (const [budget, bound] of [
      [1, 0.094],
      [100, 0.0778],
      [1000, 0.0746],
    ]) {
      expect(lowerBoundAt(certificate, budget)).toBeGreaterThan(0.9 * bound);
      expect(lowerBoundAt(certificate, budget)).toBeLessThan(1.02 * bound);
    }
    expect(lowerBoundAt(certificate, 1e6)).toBeGreaterThan(0);
  });

  test("no network within the budget is better", () => {
    for (const [seed, width] of [
      [1, 10],
      [2, 60],
      [3, 200],
    ]) {
      const units = randomUnits({ inputs: 1, width, slope: 1, seed });
      const ridges = Array.from({ length: 14 }, (_, k) => 10 ** -k);
      for (const { l1, trainRmse } of randomNetworkPath({ x: column(x), y, units }, ridges))
        expect(trainRmse).toBeGreaterThanOrEqual(lowerBoundAt(certificate, l1));
    }
  });

  test("says nothing of a wide domain, and falls with the budget", () => {
    const wide = randomNetworkLowerBound({ x: column(x), y, slope: 100, grid: 81 });
    expect(lowerBoundAt(wide, 100)).toBeLessThanOrEqual(0);
    const bounds = [0.1, 1, 10, 100].map((budget) => lowerBoundAt(certificate, budget));
    expect(bounds).toEqual([...bounds].sort((p, q) => q - p));
  });

  test("is estimated in more dimensions, and 0 for a target that is 0", () => {
    const points = denseMatrix(randomStream(1).fillUniform(new Float64Array(300)), 150, 2);
    const values = Float64Array.from({ length: 150 }, (_, j) => Math.sin(20 * points.values[2 * j]));
    const found = randomNetworkLowerBound({ x: points, y: values, slope: 0.5, samples: 500 });
    expect(found.kind).toBe("estimated");
    expect(lowerBoundAt(found, 10)).toBeGreaterThan(0.2);
    const units = randomUnits({ inputs: 2, width: 40, slope: 0.5, seed: 9 });
    const { l1, trainRmse } = fitRandomNetwork({ x: points, y: values, units, ridge: 1e-4 });
    expect(trainRmse).toBeGreaterThan(lowerBoundAt(found, l1));
    const zero = randomNetworkLowerBound({ x: points, y: new Float64Array(150), slope: 1 });
    expect(lowerBoundAt(zero, 1)).toBe(0);
  });

  test("refuses what does not fit", () => {
    const bound = (changes: object) => () =>
      randomNetworkLowerBound({ x: column(x), y, slope: 1, ...changes });
    expect(bound({ slope: 0 })).toThrow("slope must be a positive number, got 0");
    expect(bound({ bias: -1 })).toThrow("bias must be a positive number, got -1");
    expect(bound({ y: y.slice(1) })).toThrow("y must have 300 numbers, got 299");
    expect(bound({ grid: 3 })).toThrow("grid must be an integer from 16 to 2000, got 3");
    expect(() => lowerBoundAt(certificate, 0)).toThrow("budget must be a positive number, got 0");
  });
});

describe("suprema over a box", () => {
  test.each(["sigmoid", "tanh", "relu", "gaussian", "gaussianDerivative", "sine", "cosine"] as const)(
    "of %s are above a dense sample, on coarse grids too",
    (name) => {
      const sigma = ridgeActivation(name);
      const g = randomStream(5).fillNormal(new Float64Array(300));
      const rms = Math.sqrt(g.reduce((sum, value) => sum + value * value, 0) / 300);
      const G = denseMatrix(
        g.map((value) => value / rms),
        300,
        1,
      );
      for (const [slope, bias] of [
        [1, 1],
        [8, 3],
      ])
        for (const grid of [16, 60]) {
          const [bound] = supremumOverBox({ x, G, sigma, slope, bias, grid });
          const stream = randomStream(6);
          let largest = 0;
          for (let k = 0; k < 3000; k++) {
            const [a, b] = [stream.uniform(-slope, slope), stream.uniform(-bias, bias)];
            let sum = 0;
            for (let j = 0; j < 300; j++) sum += sigma.value(a * x[j] - b) * G.values[j];
            largest = Math.max(largest, Math.abs(sum) / 300);
          }
          expect(bound).toBeGreaterThanOrEqual(largest);
          if (slope === 1 && grid === 60 && name !== "relu") expect(bound).toBeLessThan(1.3 * largest);
        }
    },
  );
});
