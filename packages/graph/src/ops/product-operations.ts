import { evaluated } from "../dimension-polynomials.ts";
import type { Dimension, Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { MatmulAttributes } from "./matmul.ts";

/** Assumed size of a named dimension: a typical minibatch. */
const ASSUMED_DIMENSION = 64;

/** The elements of a shape, where a named dimension has `named`. */
export function elements(shape: Shape, named = ASSUMED_DIMENSION): number {
  let count = 1;
  for (const dimension of shape) count *= evaluated(dimension, () => named) ?? 1;
  return count;
}

/**
 * Multiplications and additions of a matrix product or a convolution; undefined for other operations.
 *
 * @param named the size that a named dimension counts as
 */
export function productOperations(
  { op, inputs, shape, attributes }: Tensor,
  named = ASSUMED_DIMENSION,
): number | undefined {
  switch (op.name) {
    case "matmul": {
      const inner = (attributes as MatmulAttributes).transposeA ? -2 : -1;
      return 2 * elements([...shape, inputs[0].shape.at(inner)!], named);
    }
    case "einsum": {
      const { subscripts } = attributes as { readonly subscripts: readonly string[] };
      const sizes = new Map<string, Dimension>();
      subscripts.forEach((letters, i) => {
        [...letters].forEach((letter, axis) => {
          sizes.set(letter, inputs[i].shape[axis]);
        });
      });
      return 2 * elements([...sizes.values()], named);
    }
    case "convolution":
      return 2 * elements([...shape, ...inputs[1].shape.slice(1)], named);
    case "convolutionWeights":
      return 2 * elements([...inputs[1].shape, ...shape.slice(1)], named);
    case "convolutionTranspose":
      return 2 * elements([...inputs[0].shape, ...inputs[1].shape.slice(1)], named);
    default:
      return undefined;
  }
}
