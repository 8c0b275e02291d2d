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
 * A bound for type parameters that are trees of arrays, `V extends ValuesOf<V>`: unlike `Values` it also accepts
 * interfaces, which have no index signature.
 */
export type ValuesOf<V> = Values | { readonly [K in keyof V]: ValueOf<V[K]> };

/** The tree of symbolic tensors that stands for a tree of arrays in a graph. */
export type AsTensors<V> = MapTree<V, ArrayValue, Tensor>;

/**
 * What is wrong with an array that has other elements than its shape says, as where its buffer was transferred to another
 * thread; undefined for a sound one.
 */
export function misfit({ shape, data }: ArrayValue): string | undefined {
  const size = shape.reduce((product, one) => product * one, 1);
  if (data.length === size) return undefined;
  return `expected ${size} elements for its shape [${shape.join(", ")}], got ${data.length}`;
}

/** The arrays of a tree in order, their paths (such as `layers.0.weights`), and the structure. */
export function flattenArrays(tree: unknown) {
  return flattenTree(tree, isArrayValue);
}

/**
 * Applies `f` to every array of a tree, or to the corresponding arrays of several trees of the same structure.
 *
 * @returns a tree with the structure of `tree`
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
