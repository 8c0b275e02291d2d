import { axpy, dot } from "../../linalg/vector.ts";
import type { CompactHessian } from "./compact-hessian.ts";

/** A box, with infinite sides where there is none. */
export interface Box {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** The generalized Cauchy point, and c = W^T (x_c - x). */
export interface CauchyPoint {
  readonly x: Float64Array;
  readonly c: Float64Array;
}

/**
 * The first local minimizer of the model  g^T d + d^T B d / 2  along the projected gradient path  P(x - t g): segment
 * after segment, until the slope turns.
 * Source: Byrd, Lu, Nocedal & Zhu 1995, "A limited memory algorithm for bound constrained optimization", Algorithm CP.
 */
export function cauchyPoint(
  x: Float64Array,
  g: Float64Array,
  { lower, upper }: Box,
  B: CompactHessian,
): CauchyPoint {
  const n = x.length;
  const { theta, columns } = B;
  const breakpoints = new Float64Array(n);
  const d = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const side = g[i] < 0 ? upper[i] : lower[i];
    breakpoints[i] = g[i] === 0 ? Number.POSITIVE_INFINITY : (x[i] - side) / g[i];
    d[i] = breakpoints[i] > 0 ? -g[i] : 0;
  }
  const order = Array.from(breakpoints.keys())
    .filter((i) => breakpoints[i] > 0 && breakpoints[i] < Number.POSITIVE_INFINITY)
    .sort((a, b) => breakpoints[a] - breakpoints[b] || a - b);

  const point = x.slice();
  const p = B.adjoint(d);
  const c = new Float64Array(columns);
  const w = new Float64Array(columns);
  let slope = -dot(d, d);
  let curvature = -theta * slope - dot(p, B.middle(p));
  let before = 0;
  let next = 0;
  let least = slope === 0 ? 0 : -slope / curvature;
  while (next < order.length && least >= breakpoints[order[next]] - before) {
    const i = order[next];
    const length = breakpoints[i] - before;
    point[i] = d[i] > 0 ? upper[i] : lower[i];
    const z = point[i] - x[i];
    axpy(length, p, c);
    B.row(i, w);
    const Mw = B.middle(w);
    slope += length * curvature + g[i] * g[i] + theta * g[i] * z - g[i] * dot(Mw, c);
    curvature += -theta * g[i] * g[i] - 2 * g[i] * dot(Mw, p) - g[i] * g[i] * dot(Mw, w);
    axpy(g[i], w, p);
    d[i] = 0;
    before = breakpoints[i];
    next += 1;
    least = slope >= 0 ? 0 : curvature > 0 ? -slope / curvature : Number.POSITIVE_INFINITY;
  }
  if (least === Number.POSITIVE_INFINITY) least = 0; // rounding: no direction is left
  const t = before + least;
  for (let i = 0; i < n; i++)
    if (d[i] !== 0) point[i] = Math.min(Math.max(x[i] + t * d[i], lower[i]), upper[i]);
  axpy(least, p, c);
  return { x: point, c };
}
