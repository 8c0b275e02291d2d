import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { mixtureTarget } from "../exact/mixture.ts";
import { ringTarget } from "../exact/ring.ts";
import { reverseDiffusion } from "../sampling/reverse-diffusion.ts";
import { scoreRegression } from "../score/regression.ts";
import { expectConsistentProcess } from "../test-support.ts";
import { geometricBrownianProcess, varianceExplodingProcess } from "./brownian.ts";
import type { ForwardProcess } from "./contract.ts";
import { logVariancePreservingProcess } from "./log-variance-preserving.ts";
import { denoisedFromScore, diffuse, scoreFromDenoised } from "./marginals.ts";
import { variancePreservingProcess } from "./variance-preserving.ts";

describe("the variance-preserving process", () => {
  test("has alpha = exp(-t/2) and h = 1 - exp(-t) at speed 1", () => {
    const process = variancePreservingProcess();
    expect(process.scale(0.4)).toBeCloseTo(Math.exp(-0.2), 15);
    expect(process.variance(0.4)).toBeCloseTo(1 - Math.exp(-0.4), 15);
    expect([process.startTime, process.endTime]).toEqual([0.05, 1]);
  });

  test("has moments that solve its equations, for constant and changing speeds", () => {
    expectConsistentProcess(variancePreservingProcess({ speed: 2.5, endTime: 3 }));
    expectConsistentProcess(variancePreservingProcess({ speed: (t) => 0.1 + 3 * t * t + Math.sin(t) }));
  });

  test("integrates a speed to rounding", () => {
    const process = variancePreservingProcess({ speed: (t) => 0.1 + 19.9 * t });
    for (const t of [0.05, 0.3, 1])
      expect(process.scale(t)).toBeCloseTo(Math.exp(-(0.1 * t + 9.95 * t * t) / 2), 14);
  });

  test("refuses windows and speeds that make no process", () => {
    expect(() => variancePreservingProcess({ startTime: 0 })).toThrow(
      /0 < startTime < endTime .*got 0 and 1/,
    );
    expect(() => variancePreservingProcess({ startTime: 2, endTime: 1 })).toThrow(ArgumentError);
    expect(() => variancePreservingProcess({ speed: 0 })).toThrow(/speed must be a positive number, got 0/);
    expect(() => variancePreservingProcess({ speed: (t) => t - 0.5 })).toThrow(
      /speed must be a positive number at/,
    );
    const unknown: object = { T: 1 };
    expect(() => variancePreservingProcess(unknown)).toThrow(/no option "T"/);
  });
});

describe("the law given the clean points", () => {
  const process = variancePreservingProcess({ endTime: 2 });

  test("has the mean and the variance of the process", () => {
    const n = 40_000;
    const clean = denseMatrix(new Float64Array(n).fill(1.5), n, 1);
    const { points, noise } = diffuse(process, clean, 0.7, randomStream(1));
    const mean = points.values.reduce((sum, y) => sum + y, 0) / n;
    const variance = points.values.reduce((sum, y) => sum + (y - mean) ** 2, 0) / n;
    const h = 1 - Math.exp(-0.7);
    // four standard errors
    expect(Math.abs(mean - 1.5 * Math.exp(-0.35))).toBeLessThan(4 * Math.sqrt(h / n));
    expect(Math.abs(variance - h)).toBeLessThan(4 * h * Math.sqrt(2 / n));
    expect(points.values[5]).toBeCloseTo(1.5 * Math.exp(-0.35) + Math.sqrt(h) * noise.values[5], 14);
  });

  test("turns estimates of the clean points into scores and back", () => {
    const points = denseMatrix([0.3, 0.4, -1, 2], 2, 2);
    const denoised = denseMatrix([0.1, -0.2, 0.5, 0.7], 2, 2);
    const times = Float64Array.of(0.4, 1.9);
    const score = scoreFromDenoised(process, denoised, times, points);
    expect(score.values[0]).toBeCloseTo((Math.exp(-0.2) * 0.1 - 0.3) / (1 - Math.exp(-0.4)), 14);
    const back = denoisedFromScore(process, score, times, points);
    back.values.forEach((f, k) => {
      expect(f).toBeCloseTo(denoised.values[k], 14);
    });
  });

  test("refuses times outside the window, missing times and points that are not finite", () => {
    const clean = denseMatrix([0, 1], 2, 1);
    const stream = randomStream(0);
    expect(() => diffuse(process, clean, 0.01, stream)).toThrow(/times must be in \[0.05, 2\], got 0.01/);
    expect(() => diffuse(process, clean, Float64Array.of(1, 3), stream)).toThrow(/got 3 at index 1/);
    expect(() => diffuse(process, clean, Float64Array.of(1), stream)).toThrow(/of 2 numbers, one for each/);
    expect(() => diffuse(process, denseMatrix([0, Number.NaN], 2, 1), 1, stream)).toThrow(DataError);
    expect(() => scoreFromDenoised(process, denseMatrix([1], 1, 1), 1, clean)).toThrow(
      /must be 2 x 1 like points/,
    );
  });
});

test("a process of one's own that breaks the contract is refused by the member that does", () => {
  const points = denseMatrix([1, 2], 2, 1);
  const own = variancePreservingProcess();
  const message = (broken: object) => {
    try {
      diffuse({ ...own, ...broken }, points, 0.5, randomStream(1));
    } catch (error) {
      expect(error).toBeInstanceOf(ArgumentError);
      return (error as Error).message;
    }
    return "accepted";
  };
  expect(message({})).toBe("accepted");
  expect(message({ scale: undefined })).toBe("process.scale must be a function, got undefined");
  expect(message({ space: "logs" })).toBe('process.space must be "ambient" or "log", got "logs"');
  expect(message({ variance: () => -1 })).toBe("process.variance(t) must be a positive number, got -1");
  expect(message({ shift: () => Number.NaN })).toBe("process.shift(t) must be a finite number, got NaN");
  expect(message({ diffusion: (t: number) => 0.5 - t })).toMatch(/diffusion\(t\) must be a non-negative/);
  expect(message({ startTime: 0 })).toMatch(
    /process.startTime and process.endTime must satisfy 0 < .*got 0 and 1/,
  );
  expect(message({ endTime: "1" })).toMatch(/got 0.05 and "1"/);
  expect(message({ reverseStep: () => undefined })).toMatch(/must return { factor, .* }, got undefined/);
  expect(message({ reverseStep: () => ({ factor: 1, shift: 0, score: Number.NaN, deviation: 1 }) })).toBe(
    "reverseStep's score must be a finite number, got NaN",
  );

  // members that are usable but do not belong together: samples would be wrong without an error
  const step = (from: number, to: number) => own.reverseStep(from, to);
  expect(message({ variance: (t: number) => 2 * own.variance(t) })).toMatch(
    /^process: variance\(t\) must have the slope 2 rate\(t\) variance\(t\) \+ diffusion\(t\); at time 0\.2\d+ it changes at/,
  );
  expect(message({ scale: (t: number) => own.scale(t) ** 1.1 })).toMatch(
    "log scale(t) must have the slope rate(t)",
  );
  expect(message({ shift: (t: number) => t })).toMatch("shift(t) must have the slope");
  expect(message({ rate: () => 0.5 })).toMatch("log scale(t) must have the slope rate(t)");
  for (const [member, change] of [
    ["factor", { factor: 1 }],
    ["shift", { shift: 0.1 }],
    ["score", { score: 0 }],
    ["squared deviation", { deviation: 0 }],
  ] as const)
    expect(
      message({ reverseStep: (from: number, to: number) => ({ ...step(from, to), ...change }) }),
    ).toMatch(`reverseStep's ${member} must be`);
});

test.each([
  variancePreservingProcess({ speed: (t) => 0.1 + 20 * t, startTime: 0.001 }),
  variancePreservingProcess({ speed: () => 1e-9 }),
  variancePreservingProcess({ speed: (t) => 1 + Math.max(0, 20 * (t - 0.5)) }),
  varianceExplodingProcess({ volatility: 25, startTime: 1e-5 }),
  geometricBrownianProcess({ volatility: 0.01 }),
  geometricBrownianProcess({ volatility: 30, endTime: 100 }),
  logVariancePreservingProcess({ endTime: 40 }),
])("processes of extreme speeds and windows are accepted ($name)", (process) => {
  expect(() => diffuse(process, denseMatrix([1, 2], 2, 1), process.endTime, randomStream(1))).not.toThrow();
});

test("what is no process is refused where one is taken", async () => {
  const points = denseMatrix([1, 2], 2, 1);
  const message = "process must be a forward process, such as variancePreservingProcess(), got";
  // A constructor in place of a process, as a program without types may pass it.
  const wrong = variancePreservingProcess as unknown as ForwardProcess;
  expect(() => diffuse(wrong, points, 1, randomStream(1))).toThrow(message);
  expect(() => scoreRegression(wrong, points, { seed: 1 })).toThrow(message);
  expect(() => ringTarget(wrong)).toThrow(message);
  expect(() => mixtureTarget(wrong, { centers: points })).toThrow(message);
  const back = reverseDiffusion(wrong, (_, x) => x, { start: points, seed: 1 });
  await expect(back.next()).rejects.toThrow(message);
});
