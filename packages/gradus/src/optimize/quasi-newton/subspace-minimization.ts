import { luFactorize, luSolve } from "../../linalg/factorize/lu.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import type { Box, CauchyPoint } from "./cauchy-point.ts";
import type { CompactHessian } from "./compact-hessian.ts";

/**
 * The minimizer of the model over the coordinates that the Cauchy point leaves between their bounds, cut off at the
 * box: the direct primal method.
 * Source: Byrd, Lu, Nocedal & Zhu 1995, section 5.1, equations 5.4 to 5.11.
 */
export function subspaceMinimizer(
  x: Float64Array,
  g: Float64Array,
  { lower, upper }: Box,
  B: CompactHessian,
  { x: cauchy, c }: CauchyPoint,
): Float64Array {
  const { theta, columns } = B;
  const free = Int32Array.from(x.keys()).filter((i) => cauchy[i] > lower[i] && cauchy[i] < upper[i]);
  if (free.length === 0) return cauchy;
  const Mc = B.middle(c);
  const rows = new Float64Array(free.length * columns);
  const w = new Float64Array(columns);
  const reduced = new Float64Array(free.length);
  for (const [a, i] of free.entries()) {
    B.row(i, w);
    rows.set(w, a * columns);
    let product = 0;
    for (let b = 0; b < columns; b++) product += w[b] * Mc[b];
    reduced[a] = g[i] + theta * (cauchy[i] - x[i]) - product;
  }
  const d = reduced.map((r) => -r / theta);
  if (columns > 0) {
    const v = new Float64Array(columns);
    const gram = new Float64Array(columns * columns); // W^T Z Z^T W / theta
    for (let a = 0; a < free.length; a++)
      for (let b = 0; b < columns; b++) {
        const entry = rows[a * columns + b];
        v[b] += entry * reduced[a];
        for (let e = 0; e <= b; e++) gram[b * columns + e] += (entry * rows[a * columns + e]) / theta;
      }
    for (let b = 0; b < columns; b++)
      for (let e = b + 1; e < columns; e++) gram[b * columns + e] = gram[e * columns + b];
    // (I - M N)^-1 M = (M^-1 - N)^-1
    const system = B.inverseMiddle.map((entry, k) => entry - gram[k]);
    const solved = luSolve(luFactorize(denseMatrix(system, columns, columns)), v);
    for (let a = 0; a < free.length; a++) {
      let product = 0;
      for (let b = 0; b < columns; b++) product += rows[a * columns + b] * solved[b];
      d[a] -= product / (theta * theta);
    }
  }
  let share = 1;
  for (const [a, i] of free.entries()) {
    if (d[a] > 0) share = Math.min(share, (upper[i] - cauchy[i]) / d[a]);
    else if (d[a] < 0) share = Math.min(share, (lower[i] - cauchy[i]) / d[a]);
  }
  const point = cauchy.slice();
  for (const [a, i] of free.entries())
    point[i] = Math.min(Math.max(cauchy[i] + share * d[a], lower[i]), upper[i]);
  return point;
}
