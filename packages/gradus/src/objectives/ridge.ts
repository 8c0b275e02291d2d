import { checkNonNegative } from "../check/numbers.ts";
import type { DenseMatrix } from "../linalg/matrix.ts";
import { shiftOperator } from "../linalg/operator/combine.ts";
import { dot } from "../linalg/vector.ts";
import { compiledNewtonOf, withCompiledNewton } from "./compiled-newton.ts";
import { type HessianModel, hessianOperator } from "./hessian-model.ts";
import { type HostObjective, type Objective, type SmoothObjective, whenReady } from "./objective.ts";

/** M + weight I, in place. */
function addDiagonal(matrix: DenseMatrix, weight: number): DenseMatrix {
  const { rows: n, values } = matrix;
  for (let j = 0; j < n; j++) values[j * (n + 1)] += weight;
  return matrix;
}

function shifted(model: HessianModel, n: number, weight: number): HessianModel {
  if (model.kind === "dense") {
    const copy = { ...model.matrix, values: model.matrix.values.slice() };
    return { kind: "dense", matrix: addDiagonal(copy, weight) };
  }
  if (model.kind === "diagonal") return { kind: "diagonal", values: model.values.map((h) => h + weight) };
  const operator = shiftOperator(hessianOperator(model, n), weight);
  const diagonal = model.kind === "operator" ? model.diagonal?.map((h) => h + weight) : undefined;
  return { kind: "operator", operator, ...(diagonal && { diagonal }) };
}

/**
 * Adds a ridge (Tikhonov) term:  f(x) + (weight/2) ||x||^2, with all derivatives and approximations the objective has.
 *
 * @throws ArgumentError unless weight is finite and >= 0
 */
export function withRidge(objective: SmoothObjective, weight: number): SmoothObjective;
export function withRidge(objective: HostObjective, weight: number): HostObjective;
export function withRidge(objective: Objective, weight: number): Objective;
export function withRidge(objective: Objective, weight: number): Objective {
  checkNonNegative({ weight });
  const { dimension, hessianVectorProduct, hessian, diagonalEstimate, hessianFlops, approximations } =
    objective;
  const stepper = hessianVectorProduct && compiledNewtonOf(hessianVectorProduct);
  const half = (x: Float64Array): number => (weight / 2) * dot(x, x);
  const plus =
    (x: Float64Array) =>
    (array: Float64Array): Float64Array => {
      for (let j = 0; j < dimension; j++) array[j] += weight * x[j];
      return array;
    };
  return {
    dimension,
    value: (x) => whenReady(objective.value(x), (value) => value + half(x)),
    gradient: (x) => whenReady(objective.gradient(x), plus(x)),
    valueAndGradient: (x) =>
      whenReady(objective.valueAndGradient(x), ({ value, gradient }) => ({
        value: value + half(x),
        gradient: plus(x)(gradient),
      })),
    ...(hessianVectorProduct && {
      hessianVectorProduct: withCompiledNewton(
        (x: Float64Array, v: Float64Array) => whenReady(hessianVectorProduct.call(objective, x, v), plus(v)),
        stepper && ((x, system) => stepper(x, { ...system, shift: (system.shift ?? 0) + weight })),
      ),
    }),
    ...(hessian && {
      hessian: (x: Float64Array) =>
        whenReady(hessian.call(objective, x), (matrix) => addDiagonal(matrix, weight)),
    }),
    ...(diagonalEstimate && {
      diagonalEstimate: (x: Float64Array) =>
        whenReady(diagonalEstimate.call(objective, x), (diagonal) => diagonal.map((h) => h + weight)),
    }),
    ...(hessianFlops && { hessianFlops }),
    ...(approximations && {
      approximations: Object.fromEntries(
        Object.entries(approximations).map(([name, approximation]) => [
          name,
          (x: Float64Array) =>
            whenReady(approximation.call(approximations, x), (model) => shifted(model, dimension, weight)),
        ]),
      ),
    }),
  };
}
