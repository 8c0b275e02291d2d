import { checkIntegerWithin } from "../check/numbers.ts";

/** Nodes in (-1, 1) and positive weights of a quadrature rule. */
export interface QuadratureRule {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

/**
 * The Gauss-Legendre rule of the given order: exact for polynomials up to degree 2 order - 1 on [-1, 1]. Nodes are
 * the zeros of the Legendre polynomial P, found by Newton's method; weights are 2 / ((1 - x^2) P'(x)^2).
 * Source: Davis & Rabinowitz 1984, "Methods of Numerical Integration".
 *
 * @throws ArgumentError unless order is an integer in 1 .. 200
 */
export function gaussLegendre(order: number): QuadratureRule {
  checkIntegerWithin(1, 200, { order });
  const nodes = new Float64Array(order);
  const weights = new Float64Array(order);
  for (let i = 0; i < order; i++) {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (order + 0.5));
    let slope = 0;
    for (let iteration = 0; iteration < 10; iteration++) {
      let previous = 1;
      let value = x;
      for (let k = 2; k <= order; k++) {
        const next = ((2 * k - 1) * x * value - (k - 1) * previous) / k;
        previous = value;
        value = next;
      }
      slope = (order * (x * value - previous)) / (x * x - 1);
      const correction = value / slope;
      x -= correction;
      if (Math.abs(correction) < 1e-15) break;
    }
    nodes[i] = x;
    weights[i] = 2 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}
