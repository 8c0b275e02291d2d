import { ConvergenceError } from "../check/errors.ts";
import { type HostObjective, type Objective, whenReady } from "./objective.ts";

function finiteValue(value: number): number {
  if (!Number.isFinite(value))
    throw new ConvergenceError(`the objective's value must be finite, got ${value}`);
  return value;
}

function finiteArray(what: string): (array: Float64Array) => Float64Array {
  return (array) => {
    for (let j = 0; j < array.length; j++)
      if (!Number.isFinite(array[j]))
        throw new ConvergenceError(`the objective's ${what} must be finite, got ${array[j]} at ${j}`);
    return array;
  };
}

const finiteGradient = finiteArray("gradient");
const finiteProduct = finiteArray("Hessian-vector product");
const finiteHessian = finiteArray("Hessian");

/**
 * The same objective with NaN and infinity reported where they first appear, for methods that do not try points and
 * reject them. Approximations and `values` are passed on as they are.
 *
 * @throws ConvergenceError, from every call, naming what is not finite and where
 */
export function requireFinite(objective: HostObjective): HostObjective;
export function requireFinite(objective: Objective): Objective;
export function requireFinite(objective: Objective): Objective {
  const { dimension, hessianVectorProduct, hessian, approximations, values } = objective;
  return {
    dimension,
    value: (x) => whenReady(objective.value(x), finiteValue),
    gradient: (x) => whenReady(objective.gradient(x), finiteGradient),
    valueAndGradient: (x) =>
      whenReady(objective.valueAndGradient(x), (both) => {
        finiteValue(both.value);
        finiteGradient(both.gradient);
        return both;
      }),
    ...(hessianVectorProduct && {
      hessianVectorProduct: (x: Float64Array, v: Float64Array) =>
        whenReady(hessianVectorProduct.call(objective, x, v), finiteProduct),
    }),
    ...(hessian && {
      hessian: (x: Float64Array) => whenReady(hessian.call(objective, x), finiteHessian),
    }),
    ...(approximations && { approximations }),
    ...(values && { values: (points: Float64Array) => values.call(objective, points) }),
  };
}
