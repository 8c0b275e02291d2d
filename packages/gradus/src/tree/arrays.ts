import {
  type ArrayValue,
  flattenTree,
  isArrayValue,
  type MapTree,
  type Tensor,
  type Tree,
  unflattenTree,
} from "@gradus/graph";

/** A tree of arrays: parameters, a model's state, a batch. */
export type Values = Tree<ArrayValue>;

type ValueOf<V> = V extends Values
  ? V
  : V extends (...args: never) => unknown
    ? Values
    : V extends object
      ? { readonly [K in keyof V]: ValueOf<V[K]> }
      : Values;

/**
 * What `V` extends where it is a tree of arrays, `V extends ValuesOf<V>`: unlike `Values` it takes interfaces, which
 * have no index signature.
 */
export type ValuesOf<V> = Values | { readonly [K in keyof V]: ValueOf<V[K]> };

/** A tree of arrays as the graph sees it. */
export type AsTensors<V> = MapTree<V, ArrayValue, Tensor>;

/** The arrays of a tree in order, their paths (such as `layers.0.weights`), and the structure. */
export function flattenArrays(tree: unknown) {
  return flattenTree(tree, isArrayValue);
}

/**
 * Applies `f` to every array of a tree, or to the arrays at the same place of several trees of one structure.
 *
 * @returns a tree of the structure of the first
 */
export function mapArrays<V>(
  f: (array: ArrayValue, ...others: ArrayValue[]) => ArrayValue,
  tree: V,
  ...others: V[]
): V {
  const { leaves, structure } = flattenArrays(tree);
  const rest = others.map((other) => flattenArrays(other).leaves);
  return unflattenTree(
    structure,
    leaves.map((array, i) => f(array, ...rest.map((arrays) => arrays[i]))),
  ) as V; // the structure is that of `tree`
}
