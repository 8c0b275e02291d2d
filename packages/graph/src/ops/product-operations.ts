import { evaluated } from "../dimension-polynomials.ts";
import type { Dimension, Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { MatmulAttributes } from "./matmul.ts";

/** The size that a named dimension counts as. */
export type SizeOf = (name: string) => number;

/** Size of a named dimension of which nothing is known: a typical minibatch. */
export const ASSUMED_SIZE = 64;

const assumedSize: SizeOf = () => ASSUMED_SIZE;

/** The elements of a shape. */
export function elements(shape: Shape, sizeOf = assumedSize): number {
  let count = 1;
  for (const dimension of shape) count *= evaluated(dimension, sizeOf) ?? 1;
  return count;
}

/** Multiplications and additions of a matrix product or a convolution; undefined for other operations. */
export function productOperations(
  { op, inputs, shape, attributes }: Tensor,
  sizeOf = assumedSize,
): number | undefined {
  switch (op.name) {
    case "matmul": {
      const inner = (attributes as MatmulAttributes).transposeA ? -2 : -1;
      return 2 * elements([...shape, inputs[0].shape.at(inner)!], sizeOf);
    }
    case "einsum": {
      const { subscripts } = attributes as { readonly subscripts: readonly string[] };
      const sizes = new Map<string, Dimension>();
      subscripts.forEach((letters, i) => {
        [...letters].forEach((letter, axis) => {
          sizes.set(letter, inputs[i].shape[axis]);
        });
      });
      return 2 * elements([...sizes.values()], sizeOf);
    }
    case "convolution":
      return 2 * elements([...shape, ...inputs[1].shape.slice(1)], sizeOf);
    case "convolutionWeights":
      return 2 * elements([...inputs[1].shape, ...shape.slice(1)], sizeOf);
    case "convolutionTranspose":
      return 2 * elements([...inputs[0].shape, ...inputs[1].shape.slice(1)], sizeOf);
    default:
      return undefined;
  }
}
