import { test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import convergence from "./convergence.ts";
import digitComponents from "./digit-components.ts";
import rates from "./rates.ts";
import trainedLaw from "./trained-law.ts";

test.each([512, 10_000])("convergence: one limit, and less change the wider, up to n = %i", (widest) => {
  const widths = [64, 256, widest];
  const findings = (error: number, change: number, worst: number, fall: number) => ({
    errors: widths.map((n) => ({ n, e: 3 * n ** error, bias: 0.01, worst })),
    moves: widths.map((n) => ({
      n,
      c: 6 * n ** change,
      inflation: 1 + 6 * n ** change,
      fall,
    })),
  });
  expectDecisive(convergence, findings(-0.5, -0.8, 0.01, 0.9), findings(-0.2, -0.1, 0.1, 0.7));
});

test("trained law: percentiles and spread, and that another distribution would be told apart", () => {
  const findings = (percentiles: number, spread: number, cost: number) => ({
    ensembles: [50, 200].map((n) => ({
      n,
      cost,
      limit: { coverage: 0.8, spread, shift: 0.2, percentiles },
      posterior: { coverage: 0.7, spread, shift: 0.4, percentiles: 0.55 },
      linearization: 0.3,
    })),
    apart: 0.4,
    deviationRatio: 0.9,
    errors: { limit: 0.2, posterior: 0.2, radial: 0.3 },
  });
  expectDecisive(trainedLaw, findings(0.3, 1, 1e-12), findings(0.6, 0.7, 1e-6), findings(0.3, 1.3, 1e-12));
});

test.each([
  ["8×8 digits", 128],
  ["MNIST", 512],
] as const)("digit components of %s: off the line, ahead of the limit, the gap", (data, images) => {
  const findings = (
    eigenvalues: number[],
    off: number,
    lag: [number, number],
    gap: number,
    mean: number,
  ) => ({
    data,
    images,
    depth: 5 as const,
    eigenvalues,
    biased: [eigenvalues[0] * gap, eigenvalues[1], eigenvalues[2]],
    constancy: [mean, 0.3, 0.2],
    likeness: 1.1,
    distances: [0.2, 0.1],
    results: [
      { n: 100, off: [0.1], lag: [lag[0]] },
      { n: 400, off: [off], lag: [lag[1]] },
    ],
  });
  const mnist = [0.04430434, 0.00117566, 0.00084814];
  expectDecisive(
    digitComponents,
    findings(mnist, 0.05, [0.3, 0.8], 10, 0.99),
    findings([0.06, 0.002, 0.001], 0.09, [0.9, 0.8], 3, 0.9),
    findings(mnist, 0.05, [0.3, 0.8], 30, 0.99),
  );
});

test("rates: decay at the rate of the eigenvalue, early stopping, and ranks", () => {
  const eigenvalues = [0.2, 0.1];
  const spectrum = (rank: number) => Array.from({ length: 12 }, (_, i) => (i < rank ? 1 : 1e-15));
  const findings = (factor: number, error: number, [relu, square, linear]: readonly number[]) => ({
    eigenvalues,
    rates: [eigenvalues.map((value) => -factor * Math.log(1 - value))],
    spectra: { relu: spectrum(relu), square: spectrum(square), linear: spectrum(linear) },
    kernel: [0.5, 0.4],
    stopping: { time: 8, error, start: 0.2, end: 0.1 },
  });
  expectDecisive(rates, findings(1.05, 0.02, [12, 5, 3]), findings(0.7, 0.08, [11, 6, 4]));
});
