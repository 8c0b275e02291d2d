import { checkIntegerWithin } from "../check/numbers.ts";
import { tridiagonalEigen } from "../linalg/factorize/tridiagonal-eigen.ts";
import type { QuadratureRule } from "./quadrature.ts";

/** Values that exceed this are scaled down by it: the polynomials overflow above order 180 or so. */
const LARGE = 1e100;

/** The orthonormal Hermite polynomials at x: p_n / p_n' and the rule's weight 1 / sum_{k<n} p_k^2. */
function hermite(x: number, order: number): { ratio: number; weight: number } {
  let [previous, value, squares, weightScale] = [0, 1, 1, 1];
  for (let k = 0; k < order; k++) {
    // sqrt(k + 1) p_{k+1} = x p_k - sqrt(k) p_{k-1}
    const next = (x * value - Math.sqrt(k) * previous) / Math.sqrt(k + 1);
    previous = value;
    value = next;
    if (k + 1 < order) squares += next * next;
    if (Math.abs(value) > LARGE) {
      previous /= LARGE;
      value /= LARGE;
      squares /= LARGE * LARGE;
      weightScale /= LARGE * LARGE;
    }
  }
  return { ratio: value / (Math.sqrt(order) * previous), weight: weightScale / squares };
}

/**
 * The Gauss-Hermite rule of the given order for the standard normal distribution,
 *
 *     E f(Z) = sum_i weights_i f(nodes_i),   Z ~ N(0, 1),
 *
 * exact for polynomials up to degree 2 order - 1; the weights sum to 1. Nodes are the eigenvalues of the Jacobi matrix
 * refined by one Newton step; weights 1 / sum_k p_k^2 stay accurate in the tails, where weights from eigenvectors do
 * not. (For integrals against exp(-x^2), use nodes / sqrt(2) and sqrt(pi) weights.)
 * Source: Golub & Welsch 1969, "Calculation of Gauss quadrature rules".
 *
 * @throws ArgumentError unless order is an integer in 1 .. 500
 */
export function gaussHermite(order: number): QuadratureRule {
  checkIntegerWithin(1, 500, { order });
  const { values } = tridiagonalEigen(
    new Float64Array(order),
    Float64Array.from({ length: order - 1 }, (_, k) => Math.sqrt(k + 1)),
  );
  const nodes = new Float64Array(order);
  const weights = new Float64Array(order);
  for (let i = order >> 1; i < order; i++) {
    const middle = 2 * i === order - 1;
    const mirror = order - 1 - i;
    const node = middle ? 0 : values[mirror] - hermite(values[mirror], order).ratio;
    const { weight } = hermite(node, order);
    nodes[mirror] = -node;
    nodes[i] = node;
    weights[mirror] = weight;
    weights[i] = weight;
  }
  return { nodes, weights };
}
