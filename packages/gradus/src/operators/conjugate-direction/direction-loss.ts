import { add, div, mean, mul, square, sub, sum, type Tensor } from "@gradus/graph";

/** Keeps the quotient finite where a network is constant, which A maps to 0. */
const LEAST_CURVATURE = 1e-12;

/**
 * How far a direction f is from A^-1 r, up to its scale: the squared residual that a step along f with an exact line
 * search leaves,
 *
 *     mean over the batch of || r - alpha A f ||^2,   alpha = r^T f / f^T A f
 *
 * 0 where f is a multiple of A^-1 r. No solutions are needed: training is unsupervised.
 * Source: Kaneda, Akar, Chen, Kala, Hyde & Teran 2023.
 *
 * @param product A as a function inside the graph
 * @param f directions [batch, ...]
 * @param r residuals of length 1, of the same shape
 */
export function directionLoss(product: (x: Tensor) => Tensor, f: Tensor, r: Tensor): Tensor {
  const axes = Array.from({ length: r.shape.length - 1 }, (_, i) => i + 1);
  const image = product(f);
  const inner = (a: Tensor, b: Tensor) => sum(mul(a, b), { axes, keepDims: true });
  const alpha = div(inner(r, f), add(inner(f, image), LEAST_CURVATURE));
  return mean(sum(square(sub(r, mul(alpha, image))), { axes }));
}
