import type { Shape, Tensor } from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { type LossOptions, reduced, reductionOf } from "./reduction.ts";

/** Whether broadcasting to both shapes gives `shape` itself. */
function covers(shape: Shape, other: Shape): boolean {
  const extra = shape.length - other.length;
  return extra >= 0 && other.every((size, i) => size === 1 || size === shape[extra + i]);
}

/**
 * Checks that every output meets its own label. Outputs [n, 1] and labels [n] broadcast to [n, n]: the loss would compare
 * every output with every label, and training would end at the mean of the labels without a word.
 *
 * @param pair outputs and labels, by their names
 * @throws ArgumentError unless one of them has the shape to which both broadcast
 */
export function checkPair(pair: Readonly<Record<string, Tensor>>): void {
  const [[outputs, { shape }], [labels, { shape: got }]] = Object.entries(pair);
  if (!covers(shape, got) && !covers(got, shape))
    throw new ArgumentError(
      `${labels} must have the shape of the ${outputs}, [${shape.join(", ")}], got [${got.join(", ")}]`,
    );
}

/**
 * A loss in the graph, of outputs that each have a label.
 *
 * @param name of the loss, as its users call it
 * @param losses of single elements
 */
export function tracedLoss(
  name: string,
  losses: (outputs: Tensor, labels: Tensor) => Tensor,
): (outputs: Tensor, labels: Tensor, options?: LossOptions) => Tensor {
  return (outputs, labels, options) => {
    checkPair({ outputs, labels });
    return reduced(losses(outputs, labels), reductionOf(`${name}.traced`, options));
  };
}
