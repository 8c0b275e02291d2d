import { GraphError, ShapeError } from "./errors.ts";
import { size } from "./ops/shape.ts";
import { type Dimension, formatShape, sameShape } from "./shape.ts";
import { apply, flattenTensors, input, type Op, type Tensor } from "./tensor.ts";
import { sameStructure, unflatten } from "./tree.ts";

/** A loop's body: parameters (iteration number, then the carried tensors) and results (carried, then stacked). */
export interface LoopAttributes {
  readonly parameters: readonly Tensor[];
  readonly carried: readonly Tensor[];
  readonly stacked: readonly Tensor[];
  readonly length: Dimension;
}

function refuse(): never {
  throw new GraphError("repeat: a loop cannot be differentiated; differentiate inside its body");
}

/**
 * The loop as a whole. Its results are `loopResult` nodes, and compile lowers both: a loop's body is a graph of its
 * own there.
 */
export const loopOp: Op<LoopAttributes> = {
  name: "loop",
  type: () => ({ dtype: "i64", shape: [] }),
  vjp: refuse,
  jvp: refuse,
  lower: () => {
    throw new GraphError("repeat: loops are lowered with their bodies");
  },
  predecessors: ({ parameters, carried, stacked }) => [...parameters, ...carried, ...stacked],
};

export const loopResultOp: Op<{ readonly index: number }> = {
  name: "loopResult",
  type: ([loop], { index }) => {
    const { carried, stacked, length } = loop.attributes as LoopAttributes;
    if (index < carried.length) return carried[index];
    const each = stacked[index - carried.length];
    return { dtype: each.dtype, shape: [length, ...each.shape] };
  },
  vjp: refuse,
  lower: () => {
    throw new GraphError("repeat: loops are lowered with their bodies");
  },
};

export interface RepeatBody<C, O> {
  readonly carried: C;
  /** Tensors to stack along a new first dimension, one entry an iteration. */
  readonly stacked?: O;
}

/**
 * Runs `body` `length` times inside the graph (one ONNX Loop): carried tensors go from each iteration to the next,
 * stacked ones are collected. Tensors from outside may be used inside; what depends on no carried tensor is computed
 * once, outside.
 *
 * @param length a number, or the name of a dimension of the program's inputs
 * @throws ShapeError when an iteration changes the structure, type or shape of what it carries
 */
export function repeat<C, O = never[]>(
  length: Dimension,
  initial: C,
  body: (carried: C, iteration: Tensor) => RepeatBody<C, O>,
): { readonly carried: C; readonly stacked: O } {
  const { leaves, paths, structure } = flattenTensors(initial);
  const iteration = input("iteration", { dtype: "i64", shape: [] });
  const parameters = leaves.map((leaf, i) => input(`carried ${paths[i]}`, leaf));
  const result = body(unflatten(structure, parameters) as C, iteration);
  const carried = flattenTensors(result.carried);
  if (!sameStructure(carried.structure, structure))
    throw new ShapeError("repeat: the body must return carried tensors in the structure it was given");
  carried.leaves.forEach((t, i) => {
    if (t.dtype !== leaves[i].dtype || !sameShape(t.shape, leaves[i].shape))
      throw new ShapeError(
        `repeat: carried ${paths[i] || "tensor"} starts as ${leaves[i].dtype}${formatShape(leaves[i].shape)} ` +
          `and the body returns ${t.dtype}${formatShape(t.shape)}`,
      );
  });
  const stacked = flattenTensors(result.stacked ?? []);
  const loop = apply(loopOp, [size([length], "i64"), ...leaves], {
    parameters: [iteration, ...parameters],
    carried: carried.leaves,
    stacked: stacked.leaves,
    length,
  });
  const results = [...carried.leaves, ...stacked.leaves].map((_, index) =>
    apply(loopResultOp, [loop], { index }),
  );
  return {
    carried: unflatten(structure, results.slice(0, leaves.length)) as C,
    stacked: unflatten(stacked.structure, results.slice(leaves.length)) as O,
  };
}
