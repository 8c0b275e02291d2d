import { checkOptions } from "../check.ts";
import { ShapeError } from "../errors.ts";
import { checkShape, type Dimension, formatShape, normalizeAxes, type Shape, sameShape } from "../shape.ts";
import { apply, type Op, type Tensor } from "../tensor.ts";
import { withLeading } from "./align.ts";
import { broadcastTo } from "./broadcast.ts";
import { assertIndices } from "./indexing.ts";
import { range } from "./range.ts";
import { reshape } from "./shape.ts";

interface AxisAttributes {
  readonly axis: number;
}

/** @throws ShapeError unless the shapes are equal but for the size along `axis` */
function assertBeside(operation: string, x: Shape, indices: Shape, axis: number): void {
  if (x.length !== indices.length || !sameShape(x.toSpliced(axis, 1), indices.toSpliced(axis, 1)))
    throw new ShapeError(
      `${operation}: shapes must be equal except in dimension ${axis}, got ${formatShape(x)} and indices ${formatShape(indices)}`,
    );
}

const takeAlongOp: Op<AxisAttributes> = {
  name: "takeAlong",
  type: ([x, indices], { axis }) => {
    assertBeside("takeAlong", x.shape, indices.shape, axis);
    assertIndices("takeAlong", indices, x.shape[axis]);
    return { dtype: x.dtype, shape: indices.shape };
  },
  vjp: ({ inputs: [x, indices], attributes: { axis } }, cotangent) => [
    scatterAddAlong(indices, cotangent, axis, x.shape[axis]),
    undefined,
  ],
  jvp: ({ inputs: [, indices], attributes }, [tangent]) => tangent && takeAlong(tangent, indices, attributes),
  lower: (emit, inputs, { attributes: { axis } }) => emit.node("GatherElements", inputs, { axis }),
  indexed: ({ inputs: [x, indices], attributes: { axis } }) => ({ indices, size: x.shape[axis] }),
  vmap: ([x, indices], [xBatched, indicesBatched], { axis }, size) =>
    takeAlong(withLeading(x, xBatched, size), withLeading(indices, indicesBatched, size), { axis: axis + 1 }),
};

/**
 * Takes entries along `axis` by index: for a matrix and axis 1, result[i, j] is x[i, indices[i, j]]. A run with an
 * index out of range fails with IndexError.
 *
 * @param indices i64, of x's shape except along the axis; negative ones count from the end
 * @throws ShapeError when other dimensions differ
 * @throws TypeMismatchError unless `indices` is i64
 * @throws IndexError for a constant index out of range
 */
export function takeAlong(x: Tensor, indices: Tensor, options: { readonly axis?: number } = {}): Tensor {
  checkOptions("takeAlong", options, ["axis"]);
  const { axis = -1 } = options;
  return apply(takeAlongOp, [x, indices], { axis: normalizeAxes("takeAlong", x.shape.length, axis)[0] });
}

export const scatterAddAlongOp: Op<AxisAttributes & { readonly size: Dimension }> = {
  name: "scatterAddAlong",
  type: ([indices, updates], { axis, size }) => {
    assertBeside("scatterAddAlong", updates.shape, indices.shape, axis);
    assertIndices("scatterAddAlong", indices, size);
    return { dtype: updates.dtype, shape: updates.shape.with(axis, size) };
  },
  vjp: ({ inputs: [indices], attributes: { axis } }, cotangent) => [
    undefined,
    takeAlong(cotangent, indices, { axis }),
  ],
  jvp: ({ inputs: [indices], attributes: { axis, size } }, [, tangent]) =>
    tangent && scatterAddAlong(indices, tangent, axis, size),
  lower: (emit, inputs, { output: { dtype, shape }, attributes: { axis } }) => {
    const zeros = emit.node("Expand", [emit.scalar(dtype, 0, 0), emit.shapeVector(shape)]);
    return emit.node("ScatterElements", [zeros, ...inputs], { axis, reduction: "add" });
  },
  indexed: ({ inputs: [indices], attributes: { size } }) => ({ indices, size }),
  vmap: ([indices, updates], [indicesBatched, updatesBatched], { axis, size: length }, size) =>
    scatterAddAlong(
      withLeading(indices, indicesBatched, size),
      withLeading(updates, updatesBatched, size),
      axis + 1,
      length,
    ),
};

/**
 * Adds updates by index along `axis` to zeros with `size` entries along it: the transpose of takeAlong.
 *
 * @throws ShapeError when the axis or size is not valid, or the shapes of indices and updates differ
 * @throws TypeMismatchError unless `indices` is i64
 * @throws IndexError for a constant index out of range
 */
export function scatterAddAlong(indices: Tensor, updates: Tensor, axis: number, size: Dimension): Tensor {
  checkShape("scatterAddAlong: size", [size]);
  const [along] = normalizeAxes("scatterAddAlong", updates.shape.length, axis);
  return apply(scatterAddAlongOp, [indices, updates], { axis: along, size });
}

/** Of the positions at each index along the axis, the largest; -1 at an index that does not occur. */
const lastAlongOp: Op<AxisAttributes & { readonly size: Dimension }> = {
  name: "lastAlong",
  type: ([indices, positions], { axis, size }) => {
    assertBeside("lastAlong", positions.shape, indices.shape, axis);
    assertIndices("lastAlong", indices, size);
    return { dtype: "i64", shape: indices.shape.with(axis, size) };
  },
  lower: (emit, inputs, { output: { shape }, attributes: { axis } }) => {
    const none = emit.node("Expand", [emit.scalar("i64", -1, 0), emit.shapeVector(shape)]);
    return emit.node("ScatterElements", [none, ...inputs], { axis, reduction: "max" });
  },
  indexed: ({ inputs: [indices], attributes: { size } }) => ({ indices, size }),
  vmap: ([indices, positions], [indicesBatched, positionsBatched], { axis, size: length }, size) =>
    apply(
      lastAlongOp,
      [withLeading(indices, indicesBatched, size), withLeading(positions, positionsBatched, size)],
      { axis: axis + 1, size: length },
    ),
};

/**
 * Where each index occurs last along `axis`: for a matrix and axis 0, result[i, j] is the largest k with
 * indices[k, j] = i, and -1 if there is none; an i64 tensor with `size` entries along the axis.
 *
 * @throws ShapeError when the axis or size is not valid
 * @throws TypeMismatchError unless `indices` is i64
 * @throws IndexError for a constant index out of range
 */
export function lastAlong(indices: Tensor, axis: number, size: Dimension): Tensor {
  checkShape("lastAlong: size", [size]);
  const rank = indices.shape.length;
  const [along] = normalizeAxes("lastAlong", rank, axis);
  const line = indices.shape.map((d, i) => (i === along ? d : 1));
  const positions = broadcastTo(reshape(range(indices.shape[along]), line), indices.shape);
  return apply(lastAlongOp, [indices, positions], { axis: along, size });
}
