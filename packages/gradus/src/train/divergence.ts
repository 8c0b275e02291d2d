import { flattenTree } from "@gradus/graph";
import { ConvergenceError } from "../check/errors.ts";
import { isArray } from "./signature.ts";

/** Where training stood when a number stopped being finite. */
export interface DivergencePlace {
  /** From 1. */
  readonly epoch: number;
  /** Of the whole training, from 1. */
  readonly step: number;
  readonly lastFiniteLoss: number | undefined;
}

/** A loss, a parameter or a metric became NaN or infinite. */
export class DivergenceError extends ConvergenceError {
  override name = "DivergenceError";
  readonly epoch: number;
  readonly step: number;
  readonly lastFiniteLoss: number | undefined;

  constructor(message: string, { epoch, step, lastFiniteLoss }: DivergencePlace) {
    super(message);
    this.epoch = epoch;
    this.step = step;
    this.lastFiniteLoss = lastFiniteLoss;
  }
}

/** Finds the first number of a tree of arrays that is not finite. */
export function firstNotFinite(
  tree: unknown,
): { readonly path: string; readonly index: number; readonly value: number } | undefined {
  const { leaves, paths } = flattenTree(tree, isArray);
  for (const [k, { data }] of leaves.entries()) {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) continue;
    for (let index = 0; index < data.length; index++)
      if (!Number.isFinite(data[index])) return { path: paths[k], index, value: data[index] };
  }
  return undefined;
}
