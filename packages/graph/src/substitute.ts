import { dependents } from "./dependence.ts";
import { type LoopAttributes, loopNode, loopOp } from "./loop.ts";
import { apply, input, type Tensor } from "./tensor.ts";

/** The outputs with some tensors replaced by others of the same types. */
export function substitute(outputs: readonly Tensor[], replacements: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  const known = new Map(replacements);
  const replaced = (t: Tensor) => known.get(t) ?? t;
  for (const node of dependents(outputs, [...replacements.keys()])) {
    const inputs = node.inputs.map(replaced);
    known.set(
      node,
      node.op === loopOp
        ? loopWith(node.attributes as LoopAttributes, inputs, known)
        : apply(node.op, inputs, node.attributes),
    );
  }
  return outputs.map(replaced);
}

/** A loop with other inputs and captures, and with new parameters, since two loops cannot share a body. */
function loopWith(
  attributes: LoopAttributes,
  inputs: readonly Tensor[],
  known: ReadonlyMap<Tensor, Tensor>,
): Tensor {
  const { parameters, carried, stacked, length } = attributes;
  const own = parameters.map((parameter) => input("loop parameter", parameter));
  const replacements = new Map(parameters.map((parameter, i) => [parameter, own[i]]));
  for (const outer of loopOp.captures?.(attributes) ?? []) {
    const other = known.get(outer);
    if (other) replacements.set(outer, other);
  }
  const results = substitute([...carried, ...stacked], replacements);
  return loopNode(inputs, {
    parameters: own,
    carried: results.slice(0, carried.length),
    stacked: results.slice(carried.length),
    length,
  });
}
