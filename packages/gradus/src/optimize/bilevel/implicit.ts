import { dot, norm2 } from "../../linalg/vector.ts";
import { countedProducts } from "./explicit-hypergradient.ts";
import type { Oracle } from "./oracle.ts";
import type { BilevelProblem } from "./problem.ts";

/** How the linear system of approximate implicit differentiation is solved. */
export interface ConjugateGradientPlan {
  readonly relativeTolerance: number;
  readonly maxProducts: number;
  /** Where the solution starts; 0 where the Hessian may be singular. */
  readonly start: Float64Array | undefined;
}

const STAGNATION = 1e-14;

/**
 * Approximate implicit differentiation: grad_x f - d^2 g/dx dy v with d^2 g/dy^2 v = grad_y f by conjugate gradients. On
 * a singular Hessian started from 0 the iteration stays in its range and ends where the curvature vanishes.
 */
export async function implicitDirection(
  problem: BilevelProblem,
  oracle: Oracle,
  x: Float64Array,
  y: Float64Array,
  { relativeTolerance, maxProducts, start }: ConjugateGradientPlan,
): Promise<{ readonly gradient: Float64Array; readonly v: Float64Array }> {
  const { yy, xy } = countedProducts(problem, oracle, "aid");
  const b = Float64Array.from(await oracle.upperY(x, y, new Float64Array(y.length)));
  const v = start?.slice() ?? new Float64Array(y.length);
  const residual = b.slice();
  let products = 0;
  if (v.some((value) => value !== 0)) {
    const Hv = await yy(x, y, v);
    products = 1;
    for (let i = 0; i < v.length; i++) residual[i] -= Hv[i];
  }
  const direction = residual.slice();
  const target = relativeTolerance * norm2(b);
  let square = dot(residual, residual);
  while (Math.sqrt(square) > target && products < maxProducts) {
    const H = await yy(x, y, direction);
    products += 1;
    const curvature = dot(direction, H);
    if (!(curvature > STAGNATION * dot(direction, direction))) break;
    const step = square / curvature;
    for (let i = 0; i < v.length; i++) {
      v[i] += step * direction[i];
      residual[i] -= step * H[i];
    }
    const next = dot(residual, residual);
    for (let i = 0; i < v.length; i++) direction[i] = residual[i] + (next / square) * direction[i];
    square = next;
  }
  const correction = await xy(x, y, v);
  const fx = await oracle.upperX(x, y, new Float64Array(x.length));
  return { gradient: Float64Array.from(fx, (value, i) => value - correction[i]), v };
}

/**
 * Iterative differentiation: the derivative of f(x, y_T(x)) through T gradient steps y_{t+1} = y_t - step grad_y g(x, y_t)
 * from a start that counts as constant, in reverse.
 *
 * @param path y_0 .. y_T
 */
export async function iterativeDirection(
  problem: BilevelProblem,
  oracle: Oracle,
  x: Float64Array,
  path: readonly Float64Array[],
  step: number,
): Promise<Float64Array> {
  const { yy, xy } = countedProducts(problem, oracle, "itd");
  const last = path[path.length - 1];
  const adjoint = Float64Array.from(await oracle.upperY(x, last, new Float64Array(last.length)));
  const gradient = Float64Array.from(await oracle.upperX(x, last, new Float64Array(x.length)));
  for (let t = path.length - 2; t >= 0; t--) {
    const across = await xy(x, path[t], adjoint);
    for (let i = 0; i < gradient.length; i++) gradient[i] -= step * across[i];
    const along = await yy(x, path[t], adjoint);
    for (let i = 0; i < adjoint.length; i++) adjoint[i] -= step * along[i];
  }
  return gradient;
}
