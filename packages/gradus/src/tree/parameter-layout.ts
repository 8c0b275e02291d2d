import {
  type ArrayValue,
  cast,
  concat,
  flattenTensors,
  floatData,
  reshape,
  split,
  type Tensor,
  unflattenTree,
} from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { type AsTensors, flattenArrays, misfit, type ValuesOf } from "./arrays.ts";

/** Where one array of the parameters lies in the vector. */
export interface ParameterSlot {
  /** Path in the tree, such as `layers.0.weights`. */
  readonly path: string;
  /** Index of its first number in the vector. */
  readonly start: number;
  readonly length: number;
  readonly dtype: "f32" | "f64";
  readonly shape: readonly number[];
  /** Its index among all arrays of the tree. */
  readonly leaf: number;
}

/**
 * How a tree of parameters, or one group of its arrays, is laid out in one vector: array after array, in the tree's
 * order, each row-major.
 */
export interface ParameterLayout<P> {
  /** Length of the vector. */
  readonly dimension: number;
  readonly slots: readonly ParameterSlot[];
  /** A tree of the parameters' structure from one entry per array, including those outside the group. */
  assemble(entries: readonly unknown[]): unknown;
  /** The numbers of a tree's arrays that are in the group, as one vector. */
  pack(tree: P): Float64Array;
  /**
   * A vector as parameters: the group's arrays from the vector, rounded where they are f32, the others from `base`.
   *
   * @param base defaults to the parameters from which the layout was made
   * @throws ArgumentError when the vector has the wrong length
   */
  unpack(x: Float64Array, base?: P): P;
  /** `pack` in the graph, as float64. */
  packTensors(tree: AsTensors<P>): Tensor;
  /**
   * `unpack` in the graph.
   *
   * @throws ArgumentError when the layout is of a group: the vector does not determine the other arrays
   */
  unpackTensor(x: Tensor): AsTensors<P>;
}

const within = (path: string, group: string): boolean => path === group || path.startsWith(`${group}.`);

/** The arrays of a tree, all of which must be floating-point. */
function floatingLeaves(tree: unknown, name: string): { leaves: ArrayValue[]; paths: string[] } {
  const { leaves, paths } = flattenArrays(tree);
  leaves.forEach((leaf, k) => {
    const { dtype } = leaf;
    if (dtype !== "f32" && dtype !== "f64")
      throw new ArgumentError(`${name}.${paths[k]}: expected f32 or f64, got ${dtype}`);
    const wrong = misfit(leaf);
    if (wrong) throw new ArgumentError(`${name}.${paths[k]}: ${wrong}`);
  });
  return { leaves, paths };
}

function selected(paths: readonly string[], group: string | readonly string[] | undefined): boolean[] {
  if (group === undefined) return paths.map(() => true);
  const groups = typeof group === "string" ? [group] : group;
  for (const name of groups)
    if (!paths.some((path) => within(path, name)))
      throw new ArgumentError(
        `group names "${name}", which is not a parameter path; the paths are ${paths.join(", ")}`,
      );
  return paths.map((path) => groups.some((name) => within(path, name)));
}

/**
 * The layout of parameters in one vector.
 *
 * @param parameters a tree of f32 or f64 arrays
 * @param group only the arrays at or below these paths (`layers.0` is a layer); defaults to all arrays
 * @throws ArgumentError when an array is not floating-point, a path of the group matches no array, or the arrays have
 *   no numbers
 */
export function parameterLayout<P extends ValuesOf<P>>(
  parameters: P,
  group?: string | readonly string[],
): ParameterLayout<P> {
  const { leaves, paths } = floatingLeaves(parameters, "parameters");
  const { structure } = flattenArrays(parameters);
  const chosen = selected(paths, group);
  const slots: ParameterSlot[] = [];
  let dimension = 0;
  leaves.forEach(({ dtype, shape, data: { length } }, leaf) => {
    if (!chosen[leaf] || (dtype !== "f32" && dtype !== "f64")) return;
    slots.push({ path: paths[leaf], start: dimension, length, dtype, shape, leaf });
    dimension += length;
  });
  if (dimension === 0) throw new ArgumentError("parameters must have at least one number, got none");

  const leavesOf = (tree: unknown): ArrayValue[] => {
    const given = floatingLeaves(tree, "parameters").leaves;
    if (given.length !== leaves.length)
      throw new ArgumentError(`parameters must have ${leaves.length} arrays, got ${given.length}`);
    given.forEach((array, k) => {
      if (array.data.length !== leaves[k].data.length)
        throw new ArgumentError(
          `parameters.${paths[k]} must have ${leaves[k].data.length} numbers, got ${array.data.length}`,
        );
    });
    return given;
  };
  return {
    dimension,
    slots,
    assemble: (entries) => unflattenTree(structure, entries),
    pack(tree) {
      const given = leavesOf(tree);
      const x = new Float64Array(dimension);
      for (const { leaf, start } of slots) x.set(floatData(given[leaf]), start);
      return x;
    },
    unpack(x, base = parameters) {
      if (x.length !== dimension)
        throw new ArgumentError(`x must have ${dimension} numbers, got ${x.length}`);
      const arrays = leavesOf(base).slice();
      for (const { leaf, start, length, dtype, shape } of slots) {
        const numbers = x.subarray(start, start + length);
        arrays[leaf] = {
          dtype,
          shape,
          data: dtype === "f32" ? new Float32Array(numbers) : numbers.slice(),
        };
      }
      return unflattenTree(structure, arrays) as P; // the structure is that of `parameters`
    },
    packTensors(tree) {
      const given = flattenTensors(tree).leaves;
      const parts = slots.map(({ leaf, length }) => cast(reshape(given[leaf], [length]), "f64"));
      return parts.length === 1 ? parts[0] : concat(parts);
    },
    unpackTensor(x) {
      if (slots.length < leaves.length)
        throw new ArgumentError(
          `x must have all ${leaves.length} arrays, got the ${slots.length} of a group`,
        );
      const lengths = slots.map(({ length }) => length);
      const tensors = split(x, lengths).map((part, k) => cast(reshape(part, slots[k].shape), slots[k].dtype));
      return unflattenTree(structure, tensors) as AsTensors<P>; // the structure is that of `parameters`
    },
  };
}
