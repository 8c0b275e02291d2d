import { test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import clustersAndWidth from "./clusters-and-width.ts";
import matrixFree from "./matrix-free.ts";
import rankBound from "./rank-bound.ts";
import sameBasin from "./same-basin.ts";
import softmaxClassifiers from "./softmax-classifiers.ts";

test("clusters and width: the number, place and height of the outliers", () => {
  const run = { clusters: 4, spread: 0.1, hidden: 10, seed: 1, loss: 1e-3, gradient: 1e-3, ratio: 20 };
  const findings = ({ good = true, next = [0.01, 0.02, 0.05], largest = 1.2 }) => [
    ...[2, 4].map((clusters) => ({
      ...{ ...run, part: "clusters" as const, clusters, M: 221, gap: good ? clusters : 1, level: clusters },
      ...{ share: 0.9, negative: 60, most: good ? 1e-3 : 0.1, top: [2], next: 0.1, rest: null },
      edge: good ? 10 : 1.5,
    })),
    ...[1, 2].map((width) => ({
      ...{ ...run, part: "width" as const, M: 221 * width, gap: 4, level: good ? 4 : 5, share: 0.9 },
      ...{ negative: 60, most: 1e-3, top: [1, 0.9, 0.8, 0.5 * (good ? 1 : width ** 2)], next: 0.01 },
      ...{ edge: 10, rest: good ? 1e-5 : 1e-2 },
    })),
    ...[0.05, 0.1, 0.2].map((spread, i) => ({
      ...{ ...run, part: "spread" as const, spread, M: 221, gap: 4, level: 4, share: 0.9, negative: 60 },
      ...{ most: 1e-3, top: [i === 2 ? largest : 1], next: next[i], edge: 10, rest: null },
    })),
  ];
  expectDecisive(
    clustersAndWidth,
    findings({}),
    findings({ good: false, next: [0.01, 0.012, 0.015], largest: 3 }),
  );
});

test("rank bound: the proved bound, reached, by both routes", () => {
  const row = (rank: number, deviation: number) => ({
    ...{ N: 20, K: 3, M: 195, seed: 1, bound: 40, rank, dense: rank, deviation },
  });
  expectDecisive(rankBound, [row(40, 1e-15)], [row(41, 1e-6)]);
});

test("softmax classifiers: bulk, outliers, and their origin in the Gauss-Newton part", () => {
  const findings = (counts: readonly number[], bulk: number, apart: number) =>
    [2, 2, 5, 5].map((K, i) => ({
      ...{ K, architecture: i % 2 ? "20-10" : "10-5", deviation: 1, seed: 1, M: 200, steps: 1000 },
      ...{ loss: 0.01, gradient: 1e-3, ratio: 1, largest: 1, count: counts[i], angle: 0.1, share: 0.9 },
      ...{ gaussNewton: counts[i] + 10 * apart, bulk, agreement: apart, negative: apart },
      ...{ traceOfG: 3, traceOfR: 0 },
    }));
  expectDecisive(softmaxClassifiers, findings([2, 2, 5, 6], 0.9, 0.05), findings([4, 12, 4, 12], 0.5, 0.3));
});

test("same basin: no barrier between distant solutions, one to another start", () => {
  const curvature = { largest: 1, trace: 2, standardError: 0.1 };
  const findings = (barrier: number, distance: number, control: number) => {
    const line = { first: 0.1, last: 0.1, chord: 0, distance, accuracy: 0.9, barrier };
    return [
      {
        ...{ seed: 1, size: 10, sharp: { A: curvature, B: curvature, S: curvature } },
        lines: { B: line, C: line, S: line, I: { ...line, barrier: control } },
      },
    ];
  };
  expectDecisive(sameBasin, findings(0, 3, 0.3), findings(0.02, 0.5, 0.01));
});

test("matrix-free: accuracy and products of the tools; outliers on Fashion-MNIST", () => {
  const findings = (error: number, value: number, repeated: number, outliers: number) => ({
    ...{ n: 463, probes: 10, steps: 80, largest: 1, trace: 46.3, lanczosProducts: 21, repeated },
    errors: { top: { top: error, bottom: 0.1 }, bottom: { top: 1e-14, bottom: error } },
    rayleigh: { authors: { value: 0.9, products: 10 }, tight: { value, products: 26 } },
    traces: [1, 2].map(() => ({ estimate: 46, standardError: 1, products: 30 })),
    quadrature: { products: 800, mean: value === 1 ? 0.1 : 0.2, standardError: 0.01 },
    fashion: { M: 50_890, loss: 0.3, largest: 10, outliers, products: 500, converged: true },
  });
  expectDecisive(matrixFree, findings(1e-12, 1, 126, 12), findings(1e-3, 0.9, 20, 24));
});
