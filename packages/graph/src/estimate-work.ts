import type { MatmulAttributes } from "./ops/matmul.ts";
import type { Dimension, Shape } from "./shape.ts";
import { reachable, type Tensor } from "./tensor.ts";
import type { TracedProgram } from "./trace.ts";

/** What stands for a dimension that only a run decides: a usual minibatch. */
const ASSUMED_DIMENSION = 64;

/**
 * What an element of an operation that is no product costs, in operations of a float32 product, where a second thread
 * starts to pay: such operations wait for memory (measured for additions and hyperbolic tangents).
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
 * The work of a program's largest operation, loop bodies included, in operations of a float32 product; float64 counts
 * twice. It decides whether more than one thread pays. A dimension that only a run decides counts as 64.
 */
export function largestWork({ outputs }: TracedProgram): number {
  let largest = 0;
  for (const tensor of reachable(outputs.map((output) => output.tensor)))
    largest = Math.max(largest, operations(tensor) * (tensor.dtype === "f64" ? 2 : 1));
  return largest;
}
