import { type FloatType, specsOf, type TensorSpec, type Tree, unflattenTree } from "@gradus/graph";
import { ArgumentError, DataError } from "../check/errors.ts";
import { flattenArrays, misfit, type Values } from "./arrays.ts";

const ROWS = "rows";

/**
 * The signature of data with any number of rows.
 *
 * @throws DataError naming an array that is a scalar
 */
export function dataSpecs(data: unknown): Tree<TensorSpec> {
  const { leaves, paths, structure } = flattenArrays(data);
  const specs = leaves.map(({ dtype, shape }, i): TensorSpec => {
    if (shape.length === 0)
      throw new DataError(`data.${paths[i]}: expected one row per example, got a scalar`);
    return { dtype, shape: [ROWS, ...shape.slice(1)] };
  });
  return unflattenTree(structure, specs) as Tree<TensorSpec>;
}

/**
 * The element type that all parameters share.
 *
 * @throws ArgumentError naming an array that is not floating-point, has another type than the first, or has other elements
 * than its shape says
 */
export function parameterType(parameters: unknown): FloatType {
  const { leaves, paths } = flattenArrays(parameters);
  const dtype = leaves[0]?.dtype;
  if (dtype !== "f32" && dtype !== "f64")
    throw new ArgumentError(
      `parameters: expected arrays of f32 or f64, got ${dtype ?? "none"} at ${paths[0] ?? "the top"}`,
    );
  leaves.forEach((leaf, i) => {
    if (leaf.dtype !== dtype)
      throw new ArgumentError(
        `parameters.${paths[i]}: expected ${dtype} as at ${paths[0]}, got ${leaf.dtype}; all arrays must have the same type`,
      );
    const wrong = misfit(leaf);
    if (wrong) throw new ArgumentError(`parameters.${paths[i]}: ${wrong}`);
  });
  return dtype;
}

/** The signature of a tree of arrays. */
export function treeSpecs(values: Values): Tree<TensorSpec> {
  return specsOf<Values>(values);
}
