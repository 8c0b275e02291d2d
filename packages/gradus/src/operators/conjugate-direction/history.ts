import { axpy, dot } from "../../linalg/vector.ts";

/** The directions that are kept, the oldest first, with their products q = A d and d^T A d. */
export interface DirectionHistory {
  directions: Float64Array[];
  products: Float64Array[];
  curvatures: number[];
}

/**
 * Makes d conjugate to the kept directions: d -= sum_i (d^T A p_i / p_i^T A p_i) p_i.
 *
 * @param modified the coefficients are those of what is left of d, one after another (modified Gram-Schmidt), instead of
 *   those of d at the beginning (classical)
 */
export function conjugate(
  d: Float64Array,
  { directions, products, curvatures }: DirectionHistory,
  modified: boolean,
): void {
  const coefficients = modified ? undefined : products.map((q, i) => dot(d, q) / curvatures[i]);
  directions.forEach((p, i) => {
    axpy(-(coefficients ? coefficients[i] : dot(d, products[i]) / curvatures[i]), p, d);
  });
}

/** Keeps a direction; the oldest beyond `stored` is overwritten. */
export function keep(
  { directions, products, curvatures }: DirectionHistory,
  stored: number,
  d: Float64Array,
  q: Float64Array,
  curvature: number,
): void {
  if (stored === 0) return;
  const full = directions.length === stored;
  const n = d.length;
  const [direction, product] = full
    ? [directions.shift() ?? new Float64Array(n), products.shift() ?? new Float64Array(n)]
    : [new Float64Array(n), new Float64Array(n)];
  if (full) curvatures.shift();
  direction.set(d);
  product.set(q);
  directions.push(direction);
  products.push(product);
  curvatures.push(curvature);
}
