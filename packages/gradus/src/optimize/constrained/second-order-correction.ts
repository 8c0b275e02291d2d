import { denseMultiply } from "../../linalg/dense.ts";
import { solveLeastSquares } from "../../linalg/least-squares.ts";
import type { PrimalDualPoint } from "./problem.ts";

/**
 * The second-order correction of a step p: the shortest d that takes the constraints where p leads to what their linear
 * model says of p,
 *
 *     d = -G^+ (c(x + p) - c(x) - G p).
 *
 * Without it a step along curved constraints is refused for the constraint that it leaves, however close the solution is
 * (the Maratos effect).
 * Source: Nocedal & Wright 2006, "Numerical optimization", (18.65), where c(x) + G p is 0.
 *
 * @param p n numbers
 * @param constraints c(x + p)
 * @returns n numbers
 */
export function secondOrderCorrection(
  { constraints: before, jacobian }: PrimalDualPoint,
  p: Float64Array,
  constraints: Float64Array,
): Float64Array {
  const [m, n] = [before.length, p.length];
  const missing = denseMultiply(jacobian, m, n, p);
  for (let i = 0; i < m; i++) missing[i] += before[i] - constraints[i];
  return solveLeastSquares({ rows: m, columns: n, values: jacobian }, missing).x;
}
