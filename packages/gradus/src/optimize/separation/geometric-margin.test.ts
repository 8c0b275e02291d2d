import fc from "fast-check";
import { expect, test } from "vitest";
import { DataError } from "../../check/errors.ts";
import { geometricMargin, NotSeparableError } from "./geometric-margin.ts";

test("the worked example: mu = 1/sqrt 5 along (1,2)/sqrt 5, R^2/mu^2 = 10", () => {
  const { mu, theta, R, complexity } = geometricMargin({
    A: [
      [1, 0],
      [-1, 1],
    ],
    y: [1, 1],
  });
  expect(mu).toBeCloseTo(1 / Math.sqrt(5), 12);
  expect(theta[0]).toBeCloseTo(1 / Math.sqrt(5), 12);
  expect(theta[1]).toBeCloseTo(2 / Math.sqrt(5), 12);
  expect(R).toBe(Math.SQRT2);
  expect(complexity).toBeCloseTo(10, 10);
});

test("two clusters on a line with an intercept: the boundary lies midway", () => {
  // x <= 1 against x >= 3: x theta_0 + theta_1 with theta proportional to (1, -2), margin 1/sqrt 5.
  const { mu, theta } = geometricMargin({ A: [[0], [1], [3], [7]], y: [-1, -1, 1, 1], intercept: true });
  expect(mu).toBeCloseTo(1 / Math.sqrt(5), 12);
  expect(theta[1] / theta[0]).toBeCloseTo(-2, 10);
});

test("labels on the axes: mu = 1/sqrt d, each axis as far away as the others", () => {
  const d = 12;
  const A = Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => (i === j ? 1 : 0)));
  const y = A.map((_, i) => (i % 2 === 0 ? 1 : -1));
  const { mu, theta } = geometricMargin({ A, y });
  expect(mu).toBeCloseTo(1 / Math.sqrt(d), 12);
  theta.forEach((value, i) => {
    expect(value).toBeCloseTo(y[i] / Math.sqrt(d), 12);
  });
});

test("turning the samples turns theta and leaves mu; scaling scales mu", () => {
  const angle = fc.double({ min: 0, max: 6.28, noNaN: true });
  fc.assert(
    fc.property(angle, fc.double({ min: 0.01, max: 100, noNaN: true }), (phi, scale) => {
      const [c, s] = [scale * Math.cos(phi), scale * Math.sin(phi)];
      const turned = [
        [1, 0],
        [-1, 1],
        [2, 2],
      ].map(([a, b]) => [c * a - s * b, s * a + c * b]);
      const { mu, theta } = geometricMargin({ A: turned, y: [1, 1, 1] });
      expect(mu / (scale / Math.sqrt(5))).toBeCloseTo(1, 9);
      expect(theta[0] * scale).toBeCloseTo((c - 2 * s) / Math.sqrt(5), 7);
    }),
    { seed: 5, numRuns: 50 },
  );
});

test("samples that surround the origin are not separable", () => {
  const A = [
    [1, 0],
    [-1, 2],
    [-1, -3],
  ];
  expect(() => geometricMargin({ A, y: [1, 1, 1] })).toThrow(NotSeparableError);
  expect(() => geometricMargin({ A, y: [1, 1, 0] })).toThrow(DataError);
});
