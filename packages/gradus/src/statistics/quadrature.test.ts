import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { gaussLegendre } from "./quadrature.ts";

test.each([1, 2, 5, 16, 40, 200])(
  "the rule of order %i integrates polynomials of degree 2 order - 1",
  (order) => {
    const { nodes, weights } = gaussLegendre(order);
    for (let degree = 0; degree < 2 * order; degree++) {
      const integral = weights.reduce((sum, weight, i) => sum + weight * nodes[i] ** degree, 0);
      expect(Math.abs(integral - (degree % 2 === 0 ? 2 / (degree + 1) : 0))).toBeLessThan(1e-14);
    }
  },
);

test("the rule of order 3 has nodes 0, +-sqrt(3/5) and weights 8/9, 5/9", () => {
  const { nodes, weights } = gaussLegendre(3);
  expect(nodes[2]).toBeCloseTo(Math.sqrt(0.6), 15);
  expect(weights[1]).toBeCloseTo(8 / 9, 14);
  expect(weights[0]).toBeCloseTo(5 / 9, 14);
});

test("the order must be a positive integer", () => {
  expect(() => gaussLegendre(0)).toThrow(ArgumentError);
});
