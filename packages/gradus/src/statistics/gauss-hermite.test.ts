import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { gaussHermite } from "./gauss-hermite.ts";

test.each([1, 2, 5, 16, 40, 100])(
  "the rule of order %i has the normal moments up to degree 2 order - 1",
  (order) => {
    const { nodes, weights } = gaussHermite(order);
    let moment = 1; // E Z^degree = (degree - 1)!!
    for (let degree = 0; degree < 2 * order && moment < 1e250; degree += 2) {
      if (degree > 0) moment *= degree - 1;
      const sum = weights.reduce((total, weight, i) => total + weight * nodes[i] ** degree, 0);
      expect(Math.abs(sum / moment - 1)).toBeLessThan(1e-12);
      const odd = weights.reduce((total, weight, i) => total + weight * nodes[i] ** (degree + 1), 0);
      expect(Math.abs(odd / (moment * (degree + 1)))).toBeLessThan(1e-12);
    }
  },
);

test("the rule of order 3 has nodes 0, +-sqrt(3) and weights 2/3, 1/6", () => {
  const { nodes, weights } = gaussHermite(3);
  expect(nodes[1]).toBe(0);
  expect(nodes[2]).toBeCloseTo(Math.sqrt(3), 15);
  expect(nodes[0]).toBe(-nodes[2]);
  expect(weights[1]).toBeCloseTo(2 / 3, 15);
  expect(weights[0]).toBeCloseTo(1 / 6, 15);
});

// python3 -c "import numpy as np; from scipy.special import roots_hermitenorm
//   x, w = roots_hermitenorm(100); w /= np.sqrt(2*np.pi); print(x[-3:], w[-3:], x[50], w[50])"
test("agrees with scipy at order 100, far tails included", () => {
  const { nodes, weights } = gaussHermite(100);
  const tail = [17.4555874, 18.13559153, 18.95963622];
  const tailWeights = [1.73941284e-67, 1.11306739e-72, 3.33327035e-79];
  for (let i = 0; i < 3; i++) {
    expect(nodes[97 + i]).toBeCloseTo(tail[i], 7);
    expect(weights[97 + i] / tailWeights[i]).toBeCloseTo(1, 6);
  }
  expect(nodes[50]).toBeCloseTo(0.1566890254347731, 14);
  expect(weights[50]).toBeCloseTo(0.12349694152861047, 14);
});

test("integrates an entire function to rounding, beyond the order where polynomials overflow", () => {
  for (const order of [40, 200, 500]) {
    const { nodes, weights } = gaussHermite(order);
    expect(nodes.every((node, i) => i === 0 || node > nodes[i - 1])).toBe(true);
    // E cos(t Z) = exp(-t^2 / 2)
    for (const t of [0.5, 1, 2])
      expect(weights.reduce((sum, w, i) => sum + w * Math.cos(t * nodes[i]), 0)).toBeCloseTo(
        Math.exp((-t * t) / 2),
        13,
      );
  }
});

test("the order must be an integer from 1 to 500", () => {
  expect(() => gaussHermite(0)).toThrow(ArgumentError);
  expect(() => gaussHermite(501)).toThrow("from 1 to 500, got 501");
});
