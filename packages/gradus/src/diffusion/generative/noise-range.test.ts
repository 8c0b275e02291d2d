import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { variancePreservingProcess } from "../processes/variance-preserving.ts";
import { checkFirstNoise, checkLastNoise } from "./noise-range.ts";

const [startTime, endTime] = [0.01, 5];
const process = variancePreservingProcess({ startTime, endTime });
/** Of dY = -Y/2 dt + dW, in units of Y_0: sqrt(1 - e^-t) / e^(-t/2). */
const noise = (t: number) => Math.sqrt(Math.expm1(t));

const momentsOf = (mean: readonly number[], deviations: readonly number[]) => ({
  mean: Float32Array.from(mean),
  variance: Float32Array.from(deviations, (one) => one * one),
});

test("data are hidden where every coordinate varies less than the first noise", () => {
  const first = noise(startTime);
  const check = (...deviations: number[]) => checkFirstNoise(process, momentsOf([3, -1], deviations));
  expect(() => check(0.99 * first, 1e-3 * first)).toThrow(DataError);
  expect(() => check(1e-3 * first, 1.01 * first)).not.toThrow();
});

test("particles start from normal laws where no coordinate varies more than four times the last noise", () => {
  const last = noise(endTime);
  const check = (...deviations: number[]) => checkLastNoise(process, momentsOf([3, -1], deviations));
  expect(() => check(1, 4 * 1.01 * last)).toThrow(ArgumentError);
  expect(() => check(4 * 0.99 * last, 1)).not.toThrow();
});

test("a deviation that rounding leaves of equal numbers is none", () => {
  const check = (deviation: number) => checkFirstNoise(process, momentsOf([-1e6], [deviation]));
  expect(() => check(1e6 * 2 ** -50)).not.toThrow();
  expect(() => check(1e6 * 1e-11)).toThrow(DataError);
});
