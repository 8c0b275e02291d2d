import { effectiveBatchSize, spikedCovariance, spikedWigner } from "gradus/curvature";
import { expect, test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import { batchSizes } from "./hessian-measurement.ts";
import largestRates from "./largest-rates.ts";
import networkHessian from "./network-hessian.ts";
import onTheFly from "./on-the-fly.ts";
import randomMatrices from "./random-matrices.ts";
import scalingRules from "./scaling-rules.ts";

test("random matrices: both laws, and damping left undecided", () => {
  const findings = (factor: number, shift: number) => ({
    order: 400,
    seeds: 10,
    averages: [1, 2, 4, 8, 16, 32, 64, 256].map((b) => {
      const at = (lambda: number) => spikedWigner({ lambda, hessianVariance: 16, effectiveBatch: b });
      const [top, bottom] = [at(4), at(-3)];
      return {
        ...{ b, largest: factor * top.value, smallest: factor * bottom.value, edge: top.edge },
        ...{ overlapLargest: top.overlap + shift, overlapSmallest: bottom.overlap },
      };
    }),
    covariances: [50, 100, 200, 400, 800, 1600].map(
      (n) => factor * spikedCovariance({ spike: 6, scale: 1, ratio: 400 / n }).value,
    ),
  });
  expectDecisive(randomMatrices, findings(1.01, 0.01), findings(1.2, 0.2));
  const open = randomMatrices.judge(findings(1, 0)).filter((judgment) => "reason" in judgment);
  expect(open.map(({ claim }) => claim)).toEqual(["C6"]);
});

test("network Hessian: larger at both ends, for Gauss-Newton matrices too", () => {
  const findings = (sign: number, power: number) => {
    const extremes = batchSizes.map((batchSize) => {
      const effectiveBatch = effectiveBatchSize(batchSize, 1500);
      const excess = (sign * 10) / effectiveBatch ** power;
      return { batchSize, effectiveBatch, largest: 4 + excess, error: 0.01, smallest: -1 - excess };
    });
    const measured = {
      ...{ loss: 0.3, lambdaMax: 4, lambdaMin: -1, variance: 0.2, along: 5, across: 40 },
      ...{ hessian: extremes, gaussNewtonMax: 4, gaussNewton: extremes },
    };
    return { digits: [{ name: "digits, seed 1", measured }], fashion: null };
  };
  const holding = findings(1, 1);
  // An excess without a fall has no power near -1, and is far from the predictor.
  const flat = findings(1, 0.1);
  expectDecisive(networkHessian, holding, flat, {
    ...holding,
    digits: holding.digits.map(({ name, measured }) => {
      const small = measured.hessian.map((one) => ({
        ...one,
        largest: one.batchSize <= 32 ? 3.99 : 4.5,
        smallest: -0.9,
      }));
      return { name, measured: { ...measured, hessian: small, gaussNewton: small } };
    }),
  });
});

test("largest rates: in proportion, a plateau, and the square root", () => {
  const rates = (sgd: (b: number) => number, adam: (b: number) => number) => ({
    SGD: [1, 2, 4, 8, 16, 32, 64, 128, 256].map((batchSize) => ({ batchSize, rate: sgd(batchSize) })),
    Adam: [1, 2, 4, 8, 16, 32, 64].map((batchSize) => ({ batchSize, rate: adam(batchSize) })),
  });
  expectDecisive(
    largestRates,
    rates(
      (b) => 1 / (0.5 + 10 / b),
      (b) => 0.03 * Math.sqrt(b),
    ),
    rates(
      (b) => 0.2 * Math.sqrt(b),
      (b) => 0.01 * b,
    ),
    rates(
      (b) => 1 / (0.5 + 3 * Math.sin(b) ** 2),
      (b) => 0.01 * b,
    ),
  );
});

test("scaling rules: the loss of the base, by the linear rule and by the square root", () => {
  const method = (linear: (f: number) => number | null, sqrt: number, constant: number) => ({
    base: 1,
    outcomes: [2, 4, 8, 16, 32].map((factor) => ({
      ...{ factor, batchSize: 8 * factor, rate: { linear: factor / 20, sqrt: 0.1, constant: 0.05 } },
      loss: { linear: linear(factor), sqrt, constant },
    })),
  });
  expectDecisive(
    scalingRules,
    { SGD: method((f) => (f < 32 ? 1.05 : null), 1.5, 2), Adam: method(() => 0.7, 1.05, 1.8) },
    { SGD: method(() => 1.3, 1.1, 1.2), Adam: method(() => 1.1, 1.4, 1.1) },
  );
});

test("on the fly: ranks and losses against the grid", () => {
  const race = (rank: number, ratio: number | null) => [
    {
      seed: 1,
      loss: ratio === null ? null : ratio / 10,
      best: 0.1,
      rank,
      ratio,
      overMedian: ratio && ratio / 3,
      cost: 1.3,
    },
  ];
  const findings = (rank: number, ratio: number | null) => ({
    ...{ small: race(rank, ratio), large: race(rank, ratio), longer: race(rank, ratio) },
    ...{ between: race(rank, ratio), fashion: race(rank, ratio)[0] },
  });
  expectDecisive(onTheFly, findings(3, 1.5), findings(16, null));
});
