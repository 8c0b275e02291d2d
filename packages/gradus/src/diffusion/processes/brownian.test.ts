import { expect, test } from "vitest";
import { ArgumentError } from "../../check/errors.ts";
import { expectConsistentProcess } from "../test-support.ts";
import { geometricBrownianProcess, varianceExplodingProcess } from "./brownian.ts";
import { logVariancePreservingProcess } from "./log-variance-preserving.ts";

test("moments solve their equations, for constant and changing coefficients", () => {
  expectConsistentProcess(varianceExplodingProcess({ volatility: 1.5 }));
  expectConsistentProcess(varianceExplodingProcess({ volatility: (t) => 0.2 + t * t }));
  expectConsistentProcess(geometricBrownianProcess({ drift: 0.5, volatility: 0.8 }));
  expectConsistentProcess(geometricBrownianProcess({ drift: (t) => Math.sin(t), volatility: (t) => 1 + t }));
  expectConsistentProcess(logVariancePreservingProcess({ speed: 2 }));
});

test("log X_t is normal around log X_0 + (mu - sigma^2/2) t, with variance sigma^2 t", () => {
  const process = geometricBrownianProcess({ drift: 0.2, volatility: 0.6 });
  const y = Math.log(1.25) * process.scale(0.5) + process.shift(0.5) - 0.4 * Math.sqrt(process.variance(0.5));
  expect(Math.exp(y)).toBeCloseTo(1.065493342, 9);
  expect(process.space).toBe("log");
});

test("the median stays where the drift is half of the squared volatility, the mean where it is 0", () => {
  const median = geometricBrownianProcess({ volatility: 0.8 });
  const mean = geometricBrownianProcess({ drift: 0, volatility: 0.8 });
  for (const t of [0.1, 0.7, 1]) {
    expect(median.shift(t)).toBe(0);
    expect(Math.exp(mean.shift(t) + mean.variance(t) / 2)).toBeCloseTo(1, 14);
  }
  const changing = geometricBrownianProcess({ volatility: (t) => 1 + t });
  expect(changing.shift(0.5)).toBe(0);
  expect(changing.variance(0.5)).toBeCloseTo((1.5 ** 3 - 1) / 3, 13);
});

test("coefficients that make no process are refused", () => {
  expect(() => geometricBrownianProcess({ volatility: 0 })).toThrow(
    "volatility must be a positive number, got 0",
  );
  expect(() => varianceExplodingProcess({ volatility: (t) => t - 0.5 })).toThrow(
    /volatility must be a positive number at time/,
  );
  expect(() => geometricBrownianProcess({ drift: Number.NaN })).toThrow(
    "drift must be a finite number, got NaN",
  );
  expect(() => varianceExplodingProcess({ startTime: 1, endTime: 1 })).toThrow(ArgumentError);
  const unknown: object = { sigma: 1 };
  expect(() => geometricBrownianProcess(unknown)).toThrow('no option "sigma"');
});
