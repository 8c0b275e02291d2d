import { denseMultiplyTransposed } from "../../linalg/dense.ts";
import { isSparse } from "../../linalg/matrix.ts";
import { csrToDense } from "../../linalg/sparse/csr.ts";
import { dot } from "../../linalg/vector.ts";
import type { DesignMatrix } from "../../objectives/design-matrix.ts";
import { checkPoint, type HostObjective } from "../../objectives/objective.ts";
import type { Residual } from "../../objectives/residual.ts";

/** u and its Jacobian at a point: count and count x dimension numbers. */
export interface Linearization {
  readonly u: Float64Array;
  readonly J: Float64Array;
}

/** f = ||u||^2 / 2 of a residual, and the linearization at the points where its gradient was asked for. */
export interface ResidualObjective extends HostObjective {
  /** u and J at x; computed once for the gradient and for this where x is the same point. u is taken where it is known. */
  linearize(x: Float64Array, u?: Float64Array): Linearization;
}

function entries(matrix: DesignMatrix): Float64Array {
  return isSparse(matrix) ? csrToDense(matrix).values : matrix.values;
}

/** ||u(x)||^2 / 2 as an objective. */
export function residualObjective(residual: Residual): ResidualObjective {
  const { dimension, count } = residual;
  let last: (Linearization & { readonly x: Float64Array }) | undefined;

  function linearize(x: Float64Array, known?: Float64Array): Linearization {
    if (last?.x.every((xj, j) => xj === x[j])) return last;
    const u = known ?? residual.value(x);
    last = { x: x.slice(), u, J: entries(residual.jacobian(x)) };
    return last;
  }
  function gradient(x: Float64Array): Float64Array {
    checkPoint(x, dimension);
    const { u, J } = linearize(x);
    return denseMultiplyTransposed(J, count, dimension, u);
  }
  const value = (x: Float64Array): number => {
    checkPoint(x, dimension);
    const u = residual.value(x);
    return dot(u, u) / 2;
  };
  return {
    dimension,
    value,
    gradient,
    valueAndGradient(x) {
      const g = gradient(x);
      const { u } = linearize(x);
      return { value: dot(u, u) / 2, gradient: g };
    },
    linearize,
  };
}
