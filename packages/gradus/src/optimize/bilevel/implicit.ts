import { dot, norm2 } from "../../linalg/vector.ts";
import { countedProducts } from "./explicit-hypergradient.ts";
import type { Oracle } from "./oracle.ts";
import type { BilevelProblem } from "./problem.ts";

/** How the linear system of approximate implicit differentiation is solved. */
export interface ConjugateResidualPlan {
  readonly relativeTolerance: number;
  readonly maxProducts: number;
  /** Where the solution starts; 0 without it. */
  readonly start: Float64Array | undefined;
}

/** A direction, the solution of its linear system, and whether that met the tolerance. */
export interface ImplicitDirection {
  readonly gradient: Float64Array;
  readonly v: Float64Array;
  readonly converged: boolean;
}

const STAGNATION = 1e-14;

/**
 * Approximate implicit differentiation: grad_x f - d^2 g/dx dy v with d^2 g/dy^2 v = grad_y f by conjugate residuals
 * (Stiefel 1955), one product an iteration as conjugate gradients, which diverge where the Hessian H is singular and
 * grad_y f not in its range. There the residual r stops at the part outside the range; H r = 0 ends the iteration, and v
 * is the solution of least squares, without its part along r: the pseudo-inverse (Hayami & Sugihara 2011).
 */
export async function implicitDirection(
  problem: BilevelProblem,
  oracle: Oracle,
  x: Float64Array,
  y: Float64Array,
  { relativeTolerance, maxProducts, start }: ConjugateResidualPlan,
): Promise<ImplicitDirection> {
  const { yy, xy } = countedProducts(problem, oracle, "aid");
  const b = Float64Array.from(await oracle.upperY(x, y, new Float64Array(y.length)));
  const v = start?.slice() ?? new Float64Array(y.length);
  const r = b.slice();
  let products = 0;
  if (v.some((value) => value !== 0)) {
    const Hv = await yy(x, y, v);
    products = 1;
    for (let i = 0; i < v.length; i++) r[i] -= Hv[i];
  }
  const target = relativeTolerance * norm2(b);
  const p = new Float64Array(y.length);
  const Hp = new Float64Array(y.length);
  let [before, largest] = [Number.POSITIVE_INFINITY, 0];
  let outside = false;
  while (norm2(r) > target && products < maxProducts) {
    const Hr = await yy(x, y, r);
    products += 1;
    const size = norm2(r);
    largest = Math.max(largest, norm2(Hr) / size);
    outside = norm2(Hr) <= relativeTolerance * largest * size;
    const curvature = dot(r, Hr);
    if (outside || !(curvature > STAGNATION * size * norm2(Hr))) break;
    const keep = curvature / before;
    before = curvature;
    for (let i = 0; i < v.length; i++) {
      p[i] = r[i] + keep * p[i];
      Hp[i] = Hr[i] + keep * Hp[i];
    }
    const step = curvature / dot(Hp, Hp);
    for (let i = 0; i < v.length; i++) {
      v[i] += step * p[i];
      r[i] -= step * Hp[i];
    }
  }
  if (outside) {
    const along = dot(v, r) / dot(r, r);
    for (let i = 0; i < v.length; i++) v[i] -= along * r[i];
  }
  const correction = await xy(x, y, v);
  const fx = await oracle.upperX(x, y, new Float64Array(x.length));
  const gradient = Float64Array.from(fx, (value, i) => value - correction[i]);
  return { gradient, v, converged: outside || norm2(r) <= target };
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
