import type { HostObjective, Objective } from "./objective.ts";

/** How often an objective was evaluated; `valueAndGradient` counts as one of each. */
export interface OracleCounts {
  /** Points, also those of `values`. */
  values: number;
  gradients: number;
  hessianVectorProducts: number;
  /** Hessians and approximations of them. */
  hessians: number;
}

/** An objective, and how often its oracles were called. */
export interface Counted<O extends Objective> {
  readonly objective: O;
  /** Keeps counting; a copy freezes it. */
  readonly counts: OracleCounts;
}

/** The same objective with its oracles counted. */
export function counted(objective: HostObjective): Counted<HostObjective>;
export function counted(objective: Objective): Counted<Objective>;
export function counted(objective: Objective): Counted<Objective> {
  const counts: OracleCounts = { values: 0, gradients: 0, hessianVectorProducts: 0, hessians: 0 };
  const { hessianVectorProduct, hessian, diagonalEstimate, hessianFlops, approximations, values } = objective;
  const counting: Objective = {
    dimension: objective.dimension,
    value(x) {
      counts.values += 1;
      return objective.value(x);
    },
    gradient(x) {
      counts.gradients += 1;
      return objective.gradient(x);
    },
    valueAndGradient(x) {
      counts.values += 1;
      counts.gradients += 1;
      return objective.valueAndGradient(x);
    },
    ...(hessianVectorProduct && {
      hessianVectorProduct(x: Float64Array, v: Float64Array) {
        counts.hessianVectorProducts += 1;
        return hessianVectorProduct.call(objective, x, v);
      },
    }),
    ...(hessian && {
      hessian(x: Float64Array) {
        counts.hessians += 1;
        return hessian.call(objective, x);
      },
    }),
    ...(diagonalEstimate && { diagonalEstimate: (x: Float64Array) => diagonalEstimate.call(objective, x) }),
    ...(hessianFlops && { hessianFlops }),
    ...(approximations && {
      approximations: Object.fromEntries(
        Object.entries(approximations).map(([name, approximation]) => [
          name,
          (x: Float64Array) => {
            counts.hessians += 1;
            return approximation.call(approximations, x);
          },
        ]),
      ),
    }),
    ...(values && {
      values(points: Float64Array) {
        counts.values += points.length / objective.dimension;
        return values.call(objective, points);
      },
    }),
  };
  return { objective: counting, counts };
}
