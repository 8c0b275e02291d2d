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

const size = (dimension: Dimension) => (typeof dimension === "number" ? dimension : ASSUMED_DIMENSION);

function elements(shape: Shape): number {
  let count = 1;
  for (const dimension of shape) count *= size(dimension);
  return count;
}

/** Multiplications and additions of one operation. */
function operations({ op, inputs, shape, attributes }: Tensor): number {
  switch (op.name) {
    case "matmul": {
      const inner = (attributes as MatmulAttributes).transposeA ? -2 : -1;
      return 2 * elements(shape) * size(inputs[0].shape.at(inner)!);
    }
    case "einsum": {
      const { subscripts } = attributes as { readonly subscripts: readonly string[] };
      const sizes = new Map<string, number>();
      subscripts.forEach((letters, i) => {
        [...letters].forEach((letter, axis) => {
          sizes.set(letter, size(inputs[i].shape[axis]));
        });
      });
      return 2 * elements([...sizes.values()]);
    }
    case "convolution":
      return 2 * elements(shape) * elements(inputs[1].shape.slice(1));
    case "convolutionTranspose":
      return 2 * elements(inputs[0].shape) * elements(inputs[1].shape.slice(1));
    default:
      return free.has(op.name) ? 0 : WORK_PER_ELEMENT * elements(shape);
  }
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
