import { checkAtLeast } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";
import { norm2 } from "../linalg/vector.ts";
import { uncheckedDesignMap } from "./design-map.ts";
import type { HessianModel } from "./hessian-model.ts";
import { checkPoint, type HostObjective } from "./objective.ts";
import type { HostResidual } from "./residual.ts";

/** Approximations of the Hessian of `residualPower`, by name. */
export interface ResidualPowerApproximations {
  readonly [name: string]: (x: Float64Array) => HessianModel;
  /** (p - 2) r^(p-4) (J^T u)(J^T u)^T, rank one. */
  fisherTerm(x: Float64Array): HessianModel;
  /** r^(p-2) J^T J + the Fisher term: the Hessian without the curvature of u. */
  gaussNewton(x: Float64Array): HessianModel;
}

/**
 * A power of the residual of nonlinear equations:
 *
 *     f(x) = (1/p) ||u(x)||^p,   r = ||u||,   J = u',   g = r^(p-2) J^T u,
 *     H = r^(p-2) (J^T J + sum_i u_i H_i) + (p - 2) r^(p-4) (J^T u)(J^T u)^T,   H_i the Hessian of u_i
 *
 * At a root the last term is left out: it tends to 0 for p > 2 and is absent for p = 2.
 *
 * @param power p >= 2
 * @throws ArgumentError unless p is finite and >= 2
 */
export function residualPower(
  residual: HostResidual,
  options: { power?: number } = {},
): HostObjective & {
  hessian(x: Float64Array): DenseMatrix;
  readonly approximations: ResidualPowerApproximations;
} {
  checkOptions("residualPower", options, ["power"]);
  const { power = 2 } = options;
  checkAtLeast(2, { power });
  const { dimension, count } = residual;
  const p = power;

  function at(x: Float64Array) {
    checkPoint(x, dimension);
    const u = residual.value(x);
    const r = norm2(u);
    return { u, r, outer: p === 2 ? 1 : r ** (p - 2) };
  }

  function valueAndGradient(x: Float64Array): { value: number; gradient: Float64Array } {
    const { u, r, outer } = at(x);
    const gradient = pulledBack(x, u);
    for (let j = 0; j < dimension; j++) gradient[j] *= outer;
    return { value: r ** p / p, gradient };
  }

  /** J^T u. */
  function pulledBack(x: Float64Array, u: Float64Array): Float64Array<ArrayBuffer> {
    const result = new Float64Array(dimension);
    uncheckedDesignMap(residual.jacobian(x)).adjoint(u, result);
    return result;
  }

  function matrix(x: Float64Array, curved: boolean): DenseMatrix {
    const { u, r, outer } = at(x);
    const map = uncheckedDesignMap(residual.jacobian(x));
    const result = map.gram(new Float64Array(count).fill(outer));
    if (curved && residual.addCurvature)
      residual.addCurvature(
        x,
        u.map((ui) => outer * ui),
        result,
      );
    const whole = { rows: dimension, columns: dimension, values: result };
    if (p === 2 || r === 0) return whole;
    const q = new Float64Array(dimension);
    map.adjoint(u, q);
    const factor = ((p - 2) * outer) / (r * r);
    for (let j = 0; j < dimension; j++)
      for (let k = 0; k < dimension; k++) result[j * dimension + k] += factor * q[j] * q[k];
    return whole;
  }

  return {
    dimension,
    value: (x) => at(x).r ** p / p,
    gradient: (x) => valueAndGradient(x).gradient,
    valueAndGradient,
    hessian: (x) => matrix(x, true),
    approximations: {
      fisherTerm(x) {
        const { u, r, outer } = at(x);
        const coefficient = r === 0 ? 0 : ((p - 2) * outer) / (r * r);
        return {
          kind: "low-rank",
          vectors: { rows: dimension, columns: 1, values: pulledBack(x, u) },
          coefficients: Float64Array.of(coefficient),
        };
      },
      gaussNewton: (x) => ({ kind: "dense", matrix: matrix(x, false) }),
    },
  };
}
