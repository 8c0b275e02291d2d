import { evaluated } from "./dimension-polynomials.ts";
import type { MatmulAttributes } from "./ops/matmul.ts";
import type { Dimension, Shape } from "./shape.ts";
import { reachable, type Tensor } from "./tensor.ts";
import type { TracedProgram } from "./trace.ts";

/** Assumed size of a named dimension: a typical minibatch. */
const ASSUMED_DIMENSION = 64;

/**
 * Cost per element of operations other than products, in operations of a float32 product, at the size where a second
 * thread starts to pay off: such operations are limited by memory (measured for additions and hyperbolic tangents).
 */
const WORK_PER_ELEMENT = 64;

/** Nodes that compute nothing themselves: the operations of a loop's body are counted on their own. */
const free = new Set(["input", "constant", "reshape", "loop", "loopResult"]);

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

/** Work of one operation, in operations of a float32 product. */
function operations(tensor: Tensor): number {
  const { op, shape } = tensor;
  return (
    productOperations(tensor) ??
    (free.has(op.name) ? 0 : WORK_PER_ELEMENT * elements(shape, ASSUMED_DIMENSION))
  );
}

/**
 * Multiplications and additions of all matrix products and convolutions of a program; those in a loop's body count once,
 * and a named dimension counts as 1.
 */
export function productWork({ outputs }: TracedProgram): number {
  let total = 0;
  for (const tensor of reachable(outputs.map((output) => output.tensor)))
    total += productOperations(tensor, 1) ?? 0;
  return total;
}

/**
 * The work of a program's largest operation, including loop bodies, in operations of a float32 product; float64 counts
 * double. It determines whether more than one thread pays off. A named dimension counts as 64.
 */
export function largestWork({ outputs }: TracedProgram): number {
  let largest = 0;
  for (const tensor of reachable(outputs.map((output) => output.tensor)))
    largest = Math.max(largest, operations(tensor) * (tensor.dtype === "f64" ? 2 : 1));
  return largest;
}
