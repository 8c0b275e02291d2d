import type { Tensor } from "../tensor.ts";
import type { Emitter } from "./emit.ts";

/** The name of a matrix with a column of ones behind its own; undefined where it changes with every use. */
export type WithOnes = (matrix: Tensor, user: Tensor) => string | undefined;

/**
 * Gives matrices from outside a loop a column of ones, which is made once, outside: a layer on the same rows in every
 * iteration then adds its bias by one more term of its product.
 *
 * @param scopeOf the graph in which a node is computed
 */
export function outerOnes(
  scopeOf: (tensor: Tensor) => { readonly emitter: Emitter },
  nameOf: (tensor: Tensor) => string,
): WithOnes {
  const extended = new Map<Tensor, string>();
  return (matrix, user) => {
    const { emitter } = scopeOf(matrix);
    if (emitter === scopeOf(user).emitter) return undefined;
    const known = extended.get(matrix);
    if (known) return known;
    const ones = emitter.ones(matrix.shape.slice(0, 1), [-1, 1]);
    const name = emitter.node("Concat", [nameOf(matrix), ones], { axis: 1 });
    extended.set(matrix, name);
    return name;
  };
}
