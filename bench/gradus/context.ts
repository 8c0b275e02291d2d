import {
  type ArrayValue,
  array,
  type CompileOptions,
  mapTensors,
  mul,
  sub,
  type Tensor,
  type Tree,
} from "@gradus/graph";
import type { Inputs } from "../input-files.ts";

/** What every program is built from. */
export interface Context {
  readonly inputs: Inputs;
  readonly options: CompileOptions;
}

/** The same numbers in float64. */
export function widened({ data, shape }: ArrayValue): ArrayValue {
  return array(Float64Array.from(data, Number), shape);
}

export function dot(a: readonly ArrayValue[], b: readonly ArrayValue[]): number {
  let total = 0;
  a.forEach(({ data }, k) => {
    for (let i = 0; i < data.length; i++) total += Number(data[i]) * Number(b[k].data[i]);
  });
  return total;
}

export function norm(values: readonly ArrayValue[]): number {
  return Math.sqrt(dot(values, values));
}

/** Euclidean norm of a - b. */
export function distance(a: readonly ArrayValue[], b: readonly ArrayValue[]): number {
  let total = 0;
  a.forEach(({ data }, k) => {
    for (let i = 0; i < data.length; i++) total += (Number(data[i]) - Number(b[k].data[i])) ** 2;
  });
  return Math.sqrt(total);
}

/** A step of plain gradient descent. */
export function descend<P extends Tree<Tensor>>(parameters: P, gradient: P, rate: number): P {
  return mapTensors((p, g) => sub(p, mul(g, rate)), parameters, gradient);
}
