import { dependents, usedBy } from "./dependence.ts";
import { GraphError, ShapeError } from "./errors.ts";
import { gather, gatherOp } from "./ops/indexing.ts";
import { size } from "./ops/shape.ts";
import { checkShape, type Dimension, formatShape, sameShape } from "./shape.ts";
import { apply, flattenTensors, input, mapTensors, type Op, type Tensor } from "./tensor.ts";
import { sameStructure, unflattenTree } from "./tree.ts";

/** A loop's body: parameters (iteration number, then the carried tensors) and results (carried, then stacked). */
export interface LoopAttributes {
  readonly parameters: readonly Tensor[];
  readonly carried: readonly Tensor[];
  /** The tensors that the caller stacks, then the carried tensors at the start of each iteration, for derivatives. */
  readonly stacked: readonly Tensor[];
  readonly length: Dimension;
  /** Outer tensors that the body uses as a whole. */
  readonly captures: readonly Tensor[];
  /** Nodes of the body that read the current iteration's entry of an outer tensor. */
  readonly reads: readonly Tensor[];
}

/**
 * The loop as a whole. Its results are `loopResult` nodes; both are lowered by the model's lowering and differentiated
 * by loop-derivatives, since a loop has many results and its body is a separate graph.
 */
export const loopOp: Op<LoopAttributes> = {
  name: "loop",
  type: () => ({ dtype: "i64", shape: [] }),
  lower: () => {
    throw new GraphError("repeat: loops are lowered with their bodies");
  },
  predecessors: ({ parameters, carried, stacked }) => [...parameters, ...carried, ...stacked],
  captures: ({ captures, reads }) => [...captures, ...reads.map((read) => read.inputs[0])],
};

export const loopResultOp: Op<{ readonly index: number }> = {
  name: "loopResult",
  type: ([loop], { index }) => {
    const { carried, stacked, length } = loop.attributes as LoopAttributes;
    if (index < carried.length) return carried[index];
    const each = stacked[index - carried.length];
    return { dtype: each.dtype, shape: [length, ...each.shape] };
  },
  lower: () => {
    throw new GraphError("repeat: loops are lowered with their bodies");
  },
};

/** A loop's result by its index among the carried tensors, then the stacked ones. */
export function loopResult(loop: Tensor, index: number): Tensor {
  return apply(loopResultOp, [loop], { index });
}

/** The node of a loop; `inputs` are the number of iterations, then the tensors carried first. */
export function loopNode(
  inputs: readonly Tensor[],
  body: Pick<LoopAttributes, "parameters" | "carried" | "stacked" | "length">,
): Tensor {
  const { parameters, carried, stacked, length } = body;
  const results = [...carried, ...stacked];
  const nodes = dependents(results, parameters);
  const inside = new Set([...parameters, ...nodes]);
  const reads = nodes.filter(
    ({ op, inputs: [x, index] }) =>
      op === gatherOp && index === parameters[0] && !inside.has(x) && x.shape[0] === length,
  );
  const others = nodes.filter((node) => !reads.includes(node)).flatMap(usedBy);
  const captures = new Set([...others, ...results].filter((t) => !inside.has(t)));
  return apply(loopOp, inputs, { ...body, captures: [...captures], reads });
}

/** Names the first tensor that only one of two structures has. */
function difference(before: readonly string[], after: readonly string[]): string {
  const path = [...before, ...after].find((one) => before.includes(one) !== after.includes(one));
  return path === undefined ? "" : `: "${path}" is in one alone`;
}

/** The result of an iteration: the next carried tensors, and tensors to stack over all iterations. */
export interface RepeatBody<C, O> {
  readonly carried: C;
  /** Tensors to stack along a new first dimension, one entry per iteration. */
  readonly stacked?: O;
}

/**
 * Runs `body` `length` times inside the graph (one ONNX Loop): carried tensors pass from each iteration to the next,
 * stacked ones are collected. The body may use outer tensors; computations that do not depend on carried tensors are
 * done once, outside the loop.
 *
 * Loops can be differentiated in both modes, to any order. Reverse mode stores the carried tensors of every iteration
 * and repeats each iteration on the backward pass: memory for `length` times the carried tensors, about four times the
 * work of the loop. Forward mode runs the loop with tangents of the carried tensors and stores nothing. An outer tensor
 * with `length` entries that the body reads by `gather(x, iteration)`, as in `scan`, gets its derivative entry by
 * entry; any other outer tensor gets it by a carried sum.
 *
 * @param length a number, or the name of a dimension of the program's inputs
 * @throws ShapeError when an iteration changes the structure, type or shape of the carried tensors
 */
export function repeat<C, O = never[]>(
  length: Dimension,
  initial: C,
  body: (carried: C, iteration: Tensor) => RepeatBody<C, O>,
): { readonly carried: C; readonly stacked: O } {
  checkShape("repeat: length", [length]);
  const { leaves, paths, structure } = flattenTensors(initial);
  const iteration = input("iteration", { dtype: "i64", shape: [] });
  const states = leaves.map((leaf, i) => input(`carried ${paths[i]}`, leaf));
  const result = body(unflattenTree(structure, states) as C, iteration);
  const carried = flattenTensors(result.carried);
  if (!sameStructure(carried.structure, structure))
    throw new ShapeError(
      `repeat: the body must return the carried tensors in the same structure${difference(paths, carried.paths)}`,
    );
  carried.leaves.forEach((t, i) => {
    if (t.dtype !== leaves[i].dtype || !sameShape(t.shape, leaves[i].shape))
      throw new ShapeError(
        `repeat: carried ${paths[i] || "tensor"} starts as ${leaves[i].dtype}${formatShape(leaves[i].shape)} ` +
          `and the body returns ${t.dtype}${formatShape(t.shape)}`,
      );
  });
  const stacked = flattenTensors(result.stacked ?? []);
  const loop = loopNode([size([length], "i64"), ...leaves], {
    parameters: [iteration, ...states],
    carried: carried.leaves,
    stacked: [...stacked.leaves, ...states],
    length,
  });
  const results = [...carried.leaves, ...stacked.leaves].map((_, index) => loopResult(loop, index));
  return {
    carried: unflattenTree(structure, results.slice(0, leaves.length)) as C,
    stacked: unflattenTree(stacked.structure, results.slice(leaves.length)) as O,
  };
}

/**
 * Runs `body` once for each entry along the first dimension of the tensors of `xs`, in order, as one loop in the graph:
 * a recurrence over a sequence. See `repeat` for carried and stacked tensors and derivatives.
 *
 * @param xs a tree of tensors [length, ...]; the length may be a named dimension
 * @param body from (carried, entries without the first dimension, iteration) to carried and stacked tensors
 * @throws ShapeError when `xs` has no tensors, first dimensions differ, or an iteration changes the structure, type or
 *   shape of the carried tensors
 */
export function scan<X, C, O = never[]>(
  xs: X,
  initial: C,
  body: (carried: C, x: X, iteration: Tensor) => RepeatBody<C, O>,
): { readonly carried: C; readonly stacked: O } {
  const { leaves, paths } = flattenTensors(xs);
  if (leaves.length === 0) throw new ShapeError("scan: expected at least one tensor to run over, got none");
  const [length] = leaves[0].shape;
  leaves.forEach(({ shape }, i) => {
    if (shape.length === 0 || shape[0] !== length)
      throw new ShapeError(
        `scan: ${paths[i] || "the argument"} is ${formatShape(shape)}; ` +
          `all tensors must have the same first dimension${length === undefined ? "" : `, ${length}`}`,
      );
  });
  return repeat(length, initial, (carried, iteration) =>
    body(
      carried,
      mapTensors((x) => gather(x, iteration), xs),
      iteration,
    ),
  );
}
