import { ASSUMED_SIZE, elements, productOperations, type SizeOf } from "./ops/product-operations.ts";
import { reachable, type Tensor } from "./tensor.ts";
import type { TracedProgram } from "./trace.ts";

/**
 * Cost per element of operations other than products, in operations of a float32 product, at the size where a second
 * thread starts to pay off: such operations are limited by memory (measured for additions and hyperbolic tangents).
 */
const WORK_PER_ELEMENT = 64;

/** Nodes that compute nothing themselves: the operations of a loop's body are counted on their own. */
const free = new Set(["input", "constant", "reshape", "loop", "loopResult"]);

/** Work of one operation, in operations of a float32 product. */
function operations(tensor: Tensor, sizeOf: SizeOf): number {
  const { op, shape } = tensor;
  return (
    productOperations(tensor, sizeOf) ?? (free.has(op.name) ? 0 : WORK_PER_ELEMENT * elements(shape, sizeOf))
  );
}

/**
 * Multiplications and additions of all matrix products and convolutions of a program; those in a loop's body count once,
 * and a named dimension counts as 1.
 */
export function productWork({ outputs }: TracedProgram): number {
  let total = 0;
  for (const tensor of reachable(outputs.map((output) => output.tensor)))
    total += productOperations(tensor, () => 1) ?? 0;
  return total;
}

/**
 * The work of a program's largest operation, including loop bodies, in operations of a float32 product; float64 counts
 * double. It determines whether more than one thread pays off.
 *
 * @param sizes expected sizes of named dimensions; the others count as 64
 */
export function largestWork(
  { outputs }: TracedProgram,
  sizes: Readonly<Record<string, number>> = {},
): number {
  const sizeOf = (name: string) => sizes[name] ?? ASSUMED_SIZE;
  let largest = 0;
  for (const tensor of reachable(outputs.map((output) => output.tensor)))
    largest = Math.max(largest, operations(tensor, sizeOf) * (tensor.dtype === "f64" ? 2 : 1));
  return largest;
}
