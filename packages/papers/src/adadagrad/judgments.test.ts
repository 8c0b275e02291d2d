import { test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import largerData from "./larger-data.ts";
import rate from "./rate.ts";
import relativeNoise from "./relative-noise.ts";
import type { SchemeFigures } from "./schemes.ts";
import stepsAndAccuracy from "./steps-and-accuracy.ts";

test("rate: steps for a tenth of the squared gradient, fewer steps, growing batches", () => {
  const schemes = ["η = 0.9", "η = 0.5", "η = 0.3", "b = 8", "b = 64", "b = 512", "b = 4096", "b = 65536"];
  const findings = (test: number, constant: number, steps: number, last: number, samples: number) => ({
    seeds: 3,
    medians: ["AdaGradNorm", "AdaGrad"].flatMap((method) =>
      [...schemes, "coordinate-wise η = 0.9"].map((scheme) => {
        const adaptive = scheme.includes("η");
        return {
          ...{ method, scheme, slope: adaptive ? -1.5 : null, batch: 500 },
          steps: adaptive ? steps : 1000,
          samples: adaptive ? samples : 9000,
          growth: adaptive ? test : constant,
          smallestLast: adaptive ? last : 8,
        };
      }),
    ),
  });
  expectDecisive(rate, findings(2, 15, 20, 300, 9000), findings(12, 8, 900, 8, 20_000));
});

test("relative noise: against batches of one size, and against η²", () => {
  const findings = (constant: number, retry: number) => ({
    seeds: 8,
    ratios: [
      { scheme: "η = 0.5", eta: 0.5, median: 0.4, high: 1, missed: 0.7 },
      { scheme: "η = 0.5, retry", eta: 0.5, median: retry, high: 1, missed: 0.5 },
      { scheme: "η = 0.9", eta: 0.9, median: 2, high: 4, missed: 0.8 },
      { scheme: "η = 0.9, retry", eta: 0.9, median: 1.3, high: 4, missed: 0.6 },
      { scheme: "b = 8", eta: null, median: constant, high: 100, missed: null },
    ],
  });
  expectDecisive(relativeNoise, findings(40, 0.27), findings(0.5, 1));
});

const scheme = (name: string, eta: number | null, steps: number, accuracy: number, last: number) => ({
  ...{ name, eta, steps, accuracy, smallestLast: last, finalBatch: last },
  ...{ meanBatch: 100, trainingLoss: 0.1, testLoss: 0.2 },
});

/** Three adaptive schemes against three sizes; `full` is the accuracy of full batches. */
const schemes = (
  etas: readonly number[],
  steps: number,
  full: number,
  last: number,
): readonly SchemeFigures[] => [
  ...etas.map((eta) => scheme(`η = ${eta}`, eta, steps, 0.95, last)),
  scheme("b = 8", null, 9000, full + 0.01, 8),
  scheme("b = 512", null, 140, full + 0.005, 512),
  scheme("b = 1437", null, 50, full, 1437),
];

test("steps and accuracy: growth, fewer steps, better accuracy", () => {
  const findings = (steps: number, full: number, last: number) => ({
    seeds: 3,
    epochs: 50,
    comparisons: ["64-64-10 network", "softmax regression"].map((name) => ({
      ...{ name, initial: 8 },
      schemes: schemes([0.5, 0.7, 1], steps, full, last),
    })),
  });
  expectDecisive(stepsAndAccuracy, findings(80, 0.93, 600), findings(8000, 0.96, 8));
});

test("larger data: the same, and growth in the paper's runs", () => {
  const findings = (steps: number, full: number, last: number) => {
    const comparison = { name: "network", initial: 8, samples: 40_000 };
    return {
      rows: 10_000,
      comparisons: [{ ...comparison, schemes: schemes([0.3, 0.5, 0.8], steps, full, last) }],
      paperRuns: [
        {
          ...{ name: "MNIST, softmax regression", initial: 2, samples: 6e6 },
          schemes: [scheme("η = 0.1", 0.1, 1000, 0.92, last / 4)],
        },
      ],
    };
  };
  expectDecisive(largerData, findings(80, 0.93, 600), findings(8000, 0.96, 8));
});
