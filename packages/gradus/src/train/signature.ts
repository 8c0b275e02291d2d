import {
  type ArrayValue,
  type FloatType,
  flattenTree,
  specsOf,
  type TensorSpec,
  type Tree,
  unflattenTree,
} from "@gradus/graph";
import { ArgumentError, DataError } from "../check/errors.ts";
import type { Settings, Values } from "./contract.ts";

export const isArray = (value: unknown): value is ArrayValue =>
  typeof value === "object" && value !== null && "dtype" in value && "shape" in value && "data" in value;

const ROWS = "rows";

/** The signature of data in which only the number of rows is open. */
export function dataSpecs(data: unknown): Tree<TensorSpec> {
  const { leaves, paths, structure } = flattenTree(data, isArray);
  const specs = leaves.map(({ dtype, shape }, i): TensorSpec => {
    if (shape.length === 0) throw new DataError(`data.${paths[i]}: wants one row an example, got a scalar`);
    return { dtype, shape: [ROWS, ...shape.slice(1)] };
  });
  return unflattenTree(structure, specs) as Tree<TensorSpec>;
}

/**
 * The number of rows that all arrays share.
 *
 * @throws DataError naming the array that differs
 */
export function rowsOf(data: unknown, name = "data"): number {
  const { leaves, paths } = flattenTree(data, isArray);
  if (leaves.length === 0) throw new DataError(`${name}: wants at least one array, got none`);
  const rows = leaves[0].shape[0];
  leaves.forEach(({ shape }, i) => {
    if (shape[0] !== rows)
      throw new DataError(
        `${name}.${paths[i]}: has ${shape[0]} rows, ${name}.${paths[0]} has ${rows}; rows must be equal`,
      );
  });
  if (rows === 0) throw new DataError(`${name}: wants at least one row, got none`);
  return rows;
}

/**
 * The element type that all parameters share.
 *
 * @throws ArgumentError naming the array that is not floating-point, or differs
 */
export function parameterType(parameters: unknown): FloatType {
  const { leaves, paths } = flattenTree(parameters, isArray);
  const dtype = leaves[0]?.dtype;
  if (dtype !== "f32" && dtype !== "f64")
    throw new ArgumentError(
      `parameters: wants arrays of f32 or f64, got ${dtype ?? "none"} at ${paths[0] ?? "the top"}`,
    );
  leaves.forEach((leaf, i) => {
    if (leaf.dtype !== dtype)
      throw new ArgumentError(
        `parameters.${paths[i]}: wants ${dtype} as at ${paths[0]}, got ${leaf.dtype}; one type for all`,
      );
  });
  return dtype;
}

/** The signature of a tree of arrays. */
export function treeSpecs(values: Values): Tree<TensorSpec> {
  return specsOf<Values>(values);
}

/** The signature of settings: scalars of the parameters' type. */
export function settingSpecs(settings: Settings, dtype: FloatType): Record<string, TensorSpec> {
  return Object.fromEntries(Object.keys(settings).map((key) => [key, { dtype, shape: [] }]));
}

/**
 * The settings of one run: the initial ones, or what replaces them.
 *
 * @throws ArgumentError naming the setting that is not finite
 */
export function settingValues(initial: Settings, changed: Partial<Settings> = {}): Record<string, number> {
  return Object.fromEntries(
    Object.keys(initial).map((key) => {
      const value = changed[key] ?? initial[key];
      if (!Number.isFinite(value))
        throw new ArgumentError(`settings.${key} must be a finite number, got ${value}`);
      return [key, value];
    }),
  );
}
