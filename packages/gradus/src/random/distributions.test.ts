import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "./stream.ts";

const N = 200_000;

function moments(draw: () => number): { mean: number; variance: number } {
  let mean = 0;
  let square = 0;
  for (let i = 1; i <= N; i++) {
    const x = draw();
    const difference = x - mean;
    mean += difference / i;
    square += difference * (x - mean);
  }
  return { mean, variance: square / (N - 1) };
}

// five standard errors of the mean and of the variance, from the distribution's variance and fourth central moment
function expectMoments(draw: () => number, mean: number, variance: number, fourthCentral: number): void {
  const got = moments(draw);
  expect(Math.abs(got.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / N));
  expect(Math.abs(got.variance - variance)).toBeLessThan(5 * Math.sqrt((fourthCentral - variance ** 2) / N));
}

describe("normal", () => {
  test("has mean 0, variance 1 and fourth moment 3", () => {
    const stream = randomStream(11);
    expectMoments(() => stream.normal(), 0, 1, 3);
    // E x^8 = 105, so the standard error of the mean of x^4 is sqrt((105 - 9) / N)
    expect(Math.abs(moments(() => stream.normal() ** 4).mean - 3)).toBeLessThan(5 * Math.sqrt(96 / N));
  });

  test("falls within 1, 2 and 3 standard deviations as often as it should", () => {
    const stream = randomStream(12);
    const draws = stream.fillNormal(new Float64Array(N));
    for (const [bound, probability] of [
      [1, 0.6826894921],
      [2, 0.9544997361],
      [3, 0.9973002039],
    ]) {
      const share = draws.filter((x) => Math.abs(x) < bound).length / N;
      expect(Math.abs(share - probability)).toBeLessThan(
        5 * Math.sqrt((probability * (1 - probability)) / N),
      );
    }
  });
});

test("exponential has mean 1, variance 1 and fourth central moment 9", () => {
  const stream = randomStream(13);
  expectMoments(() => stream.exponential(), 1, 1, 9);
});

describe("gamma", () => {
  test.each([0.1, 0.7, 1, 2.5, 40])("of shape %f has mean and variance equal to the shape", (shape) => {
    const stream = randomStream(14).split(shape * 10);
    expectMoments(() => stream.gamma(shape), shape, shape, 3 * shape ** 2 + 6 * shape);
  });

  test("rejects a shape that is not > 0", () => {
    expect(() => randomStream(1).gamma(0)).toThrow(ArgumentError);
    expect(() => randomStream(1).gamma(Number.NaN)).toThrow("shape must be a finite number > 0, got NaN");
  });
});

describe("dirichlet", () => {
  test("has the means and variances of its shares", () => {
    const stream = randomStream(15);
    const concentration = [0.5, 1, 2.5];
    const sums = new Float64Array(3);
    const squares = new Float64Array(3);
    for (let i = 0; i < N; i++) {
      const share = stream.dirichlet(concentration);
      expect(Math.abs(share[0] + share[1] + share[2] - 1)).toBeLessThan(1e-14);
      for (let j = 0; j < 3; j++) {
        sums[j] += share[j];
        squares[j] += share[j] ** 2;
      }
    }
    for (let j = 0; j < 3; j++) {
      const mean = concentration[j] / 4;
      const variance = (mean * (1 - mean)) / 5;
      expect(Math.abs(sums[j] / N - mean)).toBeLessThan(5 * Math.sqrt(variance / N));
      // a variable in [0, 1] squared has variance at most 1/4
      expect(Math.abs(squares[j] / N - (variance + mean ** 2))).toBeLessThan(2.5 / Math.sqrt(N));
    }
  });

  test("stays finite where every gamma variate underflows", () => {
    const stream = randomStream(16);
    const wins = [0, 0];
    for (let i = 0; i < 2000; i++) {
      const share = stream.dirichlet([1e-4, 3e-4]);
      expect(share[0] + share[1]).toBeCloseTo(1, 14);
      wins[share[0] > share[1] ? 0 : 1] += 1;
    }
    // nearly all mass is at the corners, in proportion to the concentrations: 1/4 against 3/4
    expect(Math.abs(wins[0] / 2000 - 0.25)).toBeLessThan(5 * Math.sqrt(0.1875 / 2000) + 1e-3);
  });

  test("names the component that is not > 0", () => {
    expect(() => randomStream(1).dirichlet([1, -2])).toThrow("concentration[1]");
    expect(() => randomStream(1).dirichlet([])).toThrow(ArgumentError);
  });
});

describe("unitSphere", () => {
  test("has length 1, mean 0 and covariance I/d", () => {
    const stream = randomStream(17);
    const mean = new Float64Array(3);
    const square = new Float64Array(3);
    const draws = 50_000;
    for (let i = 0; i < draws; i++) {
      const point = stream.unitSphere(3);
      expect(Math.abs(Math.hypot(...point) - 1)).toBeLessThan(1e-15 * 4);
      for (let j = 0; j < 3; j++) {
        mean[j] += point[j] / draws;
        square[j] += point[j] ** 2 / draws;
      }
    }
    for (let j = 0; j < 3; j++) {
      expect(Math.abs(mean[j])).toBeLessThan(5 * Math.sqrt(1 / 3 / draws));
      // a coordinate on the sphere of R^3 is uniform on [-1, 1]: E x^4 = 1/5
      expect(Math.abs(square[j] - 1 / 3)).toBeLessThan(5 * Math.sqrt((1 / 5 - 1 / 9) / draws));
    }
  });

  test("rejects a dimension that is not a positive integer", () => {
    expect(() => randomStream(1).unitSphere(0)).toThrow(
      "dimension must be an integer from 1 to 2147483647, got 0",
    );
  });
});
