import { shown } from "./check.ts";
import { GraphError } from "./errors.ts";

/** Nested plain arrays and objects with leaves of one type, such as parameters, states or batches. */
export type Tree<T> = T | readonly Tree<T>[] | { readonly [key: string]: Tree<T> };

/** The tree `S` with every leaf of type `From` replaced by `To`. */
export type MapTree<S, From, To> = [Tree<From>] extends [S]
  ? Tree<To>
  : S extends From
    ? To
    : { readonly [K in keyof S]: MapTree<S[K], From, To> };

/** The structure of a tree without its leaves. */
export type Structure =
  | { readonly kind: "leaf" }
  | { readonly kind: "array"; readonly items: readonly Structure[] }
  | { readonly kind: "object"; readonly entries: readonly (readonly [string, Structure])[] };

/** A tree as a list of its leaves, their paths and its structure. */
export interface Flattened<T> {
  readonly leaves: T[];
  /** Paths such as `layers.0.weights`; empty for a tree that is a single leaf. */
  readonly paths: string[];
  readonly structure: Structure;
}

function refused(path: string, what: string, remedy = ""): GraphError {
  return new GraphError(
    `${path === "" ? "the tree" : path} is ${what}, which is not allowed in this tree${remedy}`,
  );
}

/** Whether a value is a matrix with its numbers in one array. */
function isMatrix(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "rows" in value &&
    "columns" in value &&
    "values" in value &&
    ArrayBuffer.isView(value.values)
  );
}

/**
 * The leaves of a tree in a fixed order (arrays by index, objects by insertion), their paths, and the structure.
 *
 * @throws GraphError naming the path of a value that is neither a leaf nor a plain array or object
 */
export function flattenTree<T>(tree: unknown, isLeaf: (value: unknown) => value is T): Flattened<T> {
  const leaves: T[] = [];
  const paths: string[] = [];
  const visit = (value: unknown, path: string): Structure => {
    if (isLeaf(value)) {
      leaves.push(value);
      paths.push(path);
      return { kind: "leaf" };
    }
    const below = (key: string | number) => (path === "" ? `${key}` : `${path}.${key}`);
    if (ArrayBuffer.isView(value)) throw refused(path, shown(value), "; use array(values, shape)");
    if (isMatrix(value)) throw refused(path, "a matrix { rows, columns, values }", "; use array(matrix)");
    if (Array.isArray(value)) return { kind: "array", items: value.map((item, i) => visit(item, below(i))) };
    if (typeof value === "object" && value !== null)
      return {
        kind: "object",
        entries: Object.entries(value).map(([key, item]) => [key, visit(item, below(key))] as const),
      };
    throw refused(path, shown(value));
  };
  const structure = visit(tree, "");
  return { leaves, paths, structure };
}

/** Rebuilds a tree from its structure and its leaves in `flattenTree`'s order; the caller knows its type. */
export function unflattenTree(structure: Structure, leaves: readonly unknown[]): unknown {
  let next = 0;
  const build = (s: Structure): unknown => {
    if (s.kind === "leaf") return leaves[next++];
    if (s.kind === "array") return s.items.map(build);
    return Object.fromEntries(s.entries.map(([key, item]) => [key, build(item)]));
  };
  return build(structure);
}

export function sameStructure(a: Structure, b: Structure): boolean {
  if (a.kind === "leaf" || b.kind === "leaf") return a.kind === b.kind;
  if (a.kind === "array")
    return (
      b.kind === "array" &&
      a.items.length === b.items.length &&
      a.items.every((s, i) => sameStructure(s, b.items[i]))
    );
  return (
    b.kind === "object" &&
    a.entries.length === b.entries.length &&
    a.entries.every(([key, s], i) => key === b.entries[i][0] && sameStructure(s, b.entries[i][1]))
  );
}
