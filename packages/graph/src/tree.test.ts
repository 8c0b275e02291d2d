import { expect, test } from "vitest";
import { array, isArrayValue } from "./arrays.ts";
import { GraphError } from "./errors.ts";
import { flattenTree, sameStructure, unflattenTree } from "./tree.ts";

test("a tree is its leaves, their paths and its structure", () => {
  const tree = { layers: [{ w: array(Float64Array.of(1)) }, { w: array(Float64Array.of(2)) }] };
  const { leaves, paths, structure } = flattenTree(tree, isArrayValue);
  expect(paths).toEqual(["layers.0.w", "layers.1.w"]);
  expect(unflattenTree(structure, leaves)).toEqual(tree);
  expect(sameStructure(structure, flattenTree([tree], isArrayValue).structure)).toBe(false);
});

test.each([
  [{ w: 3 }, "w is 3, which is not allowed in this tree"],
  [{ w: undefined }, "w is undefined, which is not allowed in this tree"],
  [
    { x: new Float32Array(3) },
    "x is Float32Array of length 3, which is not allowed in this tree; use array(values, shape)",
  ],
  [
    new Int32Array(3),
    "the tree is Int32Array of length 3, which is not allowed in this tree; use array(values, shape)",
  ],
  [
    { x: { rows: 1, columns: 2, values: Float64Array.of(1, 2) } },
    "x is a matrix { rows, columns, values }, which is not allowed in this tree; use array(matrix)",
  ],
])("%o is no leaf, and the error says what to use", (tree, message) => {
  expect(() => flattenTree(tree, isArrayValue)).toThrow(new GraphError(message));
});
