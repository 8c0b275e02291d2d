import {
  type ArrayValue,
  cast,
  concat,
  flatten,
  flattenTensors,
  floatData,
  reshape,
  split,
  type Tensor,
  unflatten,
} from "@gradus/graph";
import { ArgumentError } from "../errors.ts";
import type { AsTensors, Values } from "../train/contract.ts";

/** How a tree of floating-point arrays lies in one float64 vector, leaf after leaf. */
export interface Packing<P> {
  readonly dimension: number;
  /** @throws ArgumentError when the tree has other arrays */
  pack(tree: P): Float64Array;
  unpack(x: Float64Array): P;
  /** `pack` in the graph. */
  packTensors(tree: AsTensors<P>): Tensor;
  /** `unpack` in the graph. */
  unpackTensor(x: Tensor): AsTensors<P>;
}

const isArray = (value: unknown): value is ArrayValue =>
  typeof value === "object" && value !== null && "dtype" in value && "shape" in value && "data" in value;

/** @throws ArgumentError when a parameter is not floating-point or there is none */
export function packing<P extends Values>(parameters: P): Packing<P> {
  const { leaves, paths, structure } = flatten(parameters, isArray);
  const starts: number[] = [];
  let dimension = 0;
  leaves.forEach(({ dtype, data }, k) => {
    if (dtype !== "f32" && dtype !== "f64")
      throw new ArgumentError(`parameters.${paths[k]}: wants f32 or f64, got ${dtype}`);
    starts.push(dimension);
    dimension += data.length;
  });
  if (dimension === 0) throw new ArgumentError("parameters must have at least one number, got none");
  const lengths = leaves.map(({ data }) => data.length);
  return {
    dimension,
    pack(tree) {
      const given = flatten(tree, isArray).leaves;
      if (given.length !== leaves.length)
        throw new ArgumentError(`parameters must have ${leaves.length} arrays, got ${given.length}`);
      const x = new Float64Array(dimension);
      given.forEach((array, k) => {
        if (array.data.length !== lengths[k])
          throw new ArgumentError(
            `parameters.${paths[k]} must have ${lengths[k]} numbers, got ${array.data.length}`,
          );
        x.set(floatData(array), starts[k]);
      });
      return x;
    },
    unpack(x) {
      const arrays = leaves.map(({ dtype, shape }, k): ArrayValue => {
        const numbers = x.subarray(starts[k], starts[k] + lengths[k]);
        return { dtype, shape, data: dtype === "f32" ? Float32Array.from(numbers) : numbers.slice() };
      });
      return unflatten(structure, arrays) as P; // the structure is that of `parameters`
    },
    packTensors(tree) {
      const parts = flattenTensors(tree).leaves.map((t, k) => cast(reshape(t, [lengths[k]]), "f64"));
      return parts.length === 1 ? parts[0] : concat(parts);
    },
    unpackTensor(x) {
      const tensors = split(x, lengths).map((part, k) =>
        cast(reshape(part, leaves[k].shape), leaves[k].dtype),
      );
      return unflatten(structure, tensors) as AsTensors<P>; // the structure is that of `parameters`
    },
  };
}

/** The numbers of a float64 vector, not copied. @throws ArgumentError for other types */
export function vectorData({ data, dtype }: ArrayValue): Float64Array {
  if (data instanceof Float64Array) return data;
  throw new ArgumentError(`wants f64, got ${dtype}`);
}
