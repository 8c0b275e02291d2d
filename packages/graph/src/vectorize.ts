import { dependents } from "./dependence.ts";
import { GraphError, ShapeError } from "./errors.ts";
import { loopOp, loopResultOp } from "./loop.ts";
import { vectorizeLoop } from "./loop-vectorize.ts";
import { withLeading } from "./ops/align.ts";
import { type Dimension, formatShape } from "./shape.ts";
import { flattenTensors, input, type Tensor } from "./tensor.ts";
import { unflattenTree } from "./tree.ts";

/**
 * Vectorizes a function over a leading axis: maps f over the entries of the tensors of `x` and stacks the results, as
 * one graph without a loop. The other arguments are the same for every entry.
 *
 * @throws ShapeError when the tensors of `x` do not share the size of their first dimension
 * @throws GraphError for an operation that cannot be vectorized
 */
export function vmap<P, R extends readonly unknown[], O>(
  f: (x: P, ...rest: R) => O,
): (x: P, ...rest: R) => O {
  return (x, ...rest) => {
    const { leaves, paths, structure } = flattenTensors(x);
    const size = leadingSize(leaves, paths);
    const entries = leaves.map((leaf, i) =>
      input(`entry ${paths[i]}`, { dtype: leaf.dtype, shape: leaf.shape.slice(1) }),
    );
    const single = flattenTensors(f(unflattenTree(structure, entries) as P, ...rest));
    const vectorized = vectorize(single.leaves, entries, leaves, size);
    return unflattenTree(
      single.structure,
      vectorized.map((own, i) => withLeading(own ?? single.leaves[i], own !== undefined, size)),
    ) as O;
  };
}

function leadingSize(leaves: readonly Tensor[], paths: readonly string[]): Dimension {
  if (leaves.length === 0) throw new ShapeError("vmap: expected at least one tensor to map over, got none");
  leaves.forEach(({ shape }, i) => {
    if (shape.length === 0 || shape[0] !== leaves[0].shape[0])
      throw new ShapeError(
        `vmap: ${paths[i] || "the argument"} is ${formatShape(shape)}; ` +
          `all tensors must have the same first dimension${leaves[0].shape[0] === undefined ? "" : `, ${leaves[0].shape[0]}`}`,
      );
  });
  return leaves[0].shape[0];
}

/**
 * The outputs with `entries` (without the leading axis) replaced by `values` (with it); undefined for an output that
 * depends on no entry.
 */
export function vectorize(
  outputs: readonly Tensor[],
  entries: readonly Tensor[],
  values: readonly Tensor[],
  size: Dimension,
): (Tensor | undefined)[] {
  const known = new Map<Tensor, Tensor>(entries.map((entry, i) => [entry, values[i]]));
  const ofLoops = new Map<Tensor, readonly (Tensor | undefined)[]>();
  for (const node of dependents(outputs, entries)) {
    if (node.op === loopOp) {
      ofLoops.set(
        node,
        vectorizeLoop(node, (t) => known.get(t), size),
      );
      continue;
    }
    if (node.op === loopResultOp) {
      const [loop] = node.inputs;
      const result = ofLoops.get(loop)![(node.attributes as { readonly index: number }).index];
      // Results that the entries share come from the original loop.
      if (result) known.set(node, result);
      continue;
    }
    const batched = node.inputs.map((t) => known.has(t));
    // A loop's result that all entries share does not depend on the entry.
    if (!batched.includes(true)) continue;
    if (!node.op.vmap) throw new GraphError(`vmap: ${node.op.name} does not support vmap`);
    const inputs = node.inputs.map((t) => known.get(t) ?? t);
    known.set(node, node.op.vmap(inputs, batched, node.attributes, size));
  }
  return outputs.map((output) => known.get(output));
}
