import { add, array, div, matmul, mean, mul, square, sub, type Tensor } from "@gradus/graph";
import { randomStream } from "gradus/random";
import { streamOracle } from "gradus/train";

export const DIMENSION = 10;

/** A batch of samples. */
export interface Samples<T> {
  /** [rows, 10] */
  readonly a: T;
  /** [rows, 1] */
  readonly y: T;
}

/** r^2 / (2 (1 + r^2)) of the residuals r = <a, x> - y: smooth, bounded, and not convex. */
export function robustLoss({ x }: { readonly x: Tensor }, { a, y }: Samples<Tensor>): Tensor {
  const r2 = square(sub(matmul(a, x), y));
  return mean(div(mul(r2, 0.5), add(r2, 1)));
}

/** An endless regression: a ~ N(0, I), y = <a, x*> + N(0, 1), x* ~ N(0, 0.4 I). */
export function robustRegression(seed: number) {
  const xStar = randomStream(seed).split("x*").fillNormal(new Float64Array(DIMENSION));
  for (let j = 0; j < DIMENSION; j++) xStar[j] *= Math.sqrt(0.4);
  const oracle = streamOracle((stream, count) => {
    const a = stream.fillNormal(new Float64Array(DIMENSION * count));
    const y = stream.fillNormal(new Float64Array(count));
    for (let i = 0; i < count; i++)
      for (let j = 0; j < DIMENSION; j++) y[i] += a[DIMENSION * i + j] * xStar[j];
    return { a: array(a, [count, DIMENSION]), y: array(y, [count, 1]) };
  });
  return { xStar, oracle };
}

/** The gradient of F = E f, and the scatter of the samples' gradients around it. */
export interface ExpectedGradient {
  /** |grad F|^2 */
  readonly normSquared: number;
  /** tr Cov(grad f) */
  readonly variance: number;
}

/** Spacing of the nodes in r: the trapezoidal rule is then exact to rounding, as the integrands are analytic. */
const SPACING = 0.1;

/**
 * The expected gradient at distance s from x*, exactly. The residual is r ~ N(0, 1 + s^2), the gradient a psi(r) with
 * psi(r) = r / (1 + r^2)^2. By Stein's identity grad F = (x - x*) E psi'(r), and given r the component of a along
 * x - x* has mean s r / (1 + s^2) and variance 1 / (1 + s^2), the 9 others 0 and 1, so that with q = E |a|^2 given r,
 * tr Cov = E[psi(r)^2 q(r)] - |grad F|^2.
 */
export function expectedGradient(s: number): ExpectedGradient {
  const variance = 1 + s * s;
  const reach = 12 * Math.sqrt(variance);
  const nodes = Math.ceil(reach / SPACING);
  let [total, slope, second] = [0, 0, 0];
  for (let k = -nodes; k <= nodes; k++) {
    const r = k * SPACING;
    const r2 = r * r;
    const weight = Math.exp(-r2 / (2 * variance));
    const square = (1 + r2) ** 2;
    const q = DIMENSION - 1 + 1 / variance + ((s * r) / variance) ** 2;
    total += weight;
    slope += (weight * (1 - 3 * r2)) / (square * (1 + r2));
    second += (weight * r2 * q) / square ** 2;
  }
  const normSquared = (s * (slope / total)) ** 2;
  return { normSquared, variance: second / total - normSquared };
}

/** How far x is from x*. */
export function distance(x: ArrayLike<number | bigint>, xStar: Float64Array): number {
  let square = 0;
  for (let j = 0; j < xStar.length; j++) square += (Number(x[j]) - xStar[j]) ** 2;
  return Math.sqrt(square);
}
