import { GraphError, ShapeError, TypeMismatchError } from "../errors.ts";
import { assertConstantIndices } from "../index-range.ts";
import {
  checkShape,
  type Dimension,
  formatShape,
  isStatic,
  type Shape,
  sameShape,
  sizeOfShape,
} from "../shape.ts";
import { apply, constant, type Op, scalar, type Tensor } from "../tensor.ts";
import { withLeading } from "./align.ts";
import { scatterAddAlong, takeAlong } from "./along.ts";
import { broadcastTo } from "./broadcast.ts";
import { equal } from "./compare.ts";
import { cast } from "./select.ts";
import { expandDims, reshape, transpose } from "./shape.ts";

/**
 * @throws TypeMismatchError unless the indices are i64
 * @throws IndexError for a constant index out of range for an axis of that size
 */
export function assertIndices(operation: string, indices: Tensor, size?: Dimension): void {
  if (indices.dtype !== "i64")
    throw new TypeMismatchError(`${operation}: indices must be i64, got ${indices.dtype}`);
  if (size !== undefined) assertConstantIndices(operation, indices, size);
}

/** Moves the dimension at `from` to `to`; the others keep their order. */
function moveAxis(x: Tensor, from: number, to: number): Tensor {
  const order = [...x.shape.keys()].filter((axis) => axis !== from);
  order.splice(to, 0, from);
  return transpose(x, order);
}

/** Row indices [entries, ...] that differ by entry, expanded to [entries, all, ...row]: one index per element. */
function alongRows(indices: Tensor, row: Shape): Tensor {
  const [size, ...each] = indices.shape;
  if (each.length > 1 && !isStatic(each))
    throw new GraphError(
      `vmap: indices ${formatShape(each)} of each example must have at most one dimension or a shape known at trace time`,
    );
  const all = isStatic(each) ? sizeOfShape(each) : each[0];
  const ones = new Array<number>(row.length).fill(1);
  return broadcastTo(reshape(indices, [size, all, ...ones]), [size, all, ...row]);
}

export const gatherOp: Op<undefined> = {
  name: "gather",
  type: ([x, indices]) => {
    if (x.shape.length === 0) throw new ShapeError("gather: expected at least 1 dimension, got a scalar");
    assertIndices("gather", indices, x.shape[0]);
    return { dtype: x.dtype, shape: [...indices.shape, ...x.shape.slice(1)] };
  },
  vjp: ({ inputs: [x, indices] }, cotangent) => [scatterAdd(x.shape, indices, cotangent), undefined],
  jvp: ({ inputs: [, indices] }, [tangent]) => tangent && gather(tangent, indices),
  lower: (emit, inputs) => emit.node("Gather", inputs, { axis: 0 }),
  indexed: ({ inputs: [x, indices] }) => ({ indices, size: x.shape[0] }),
  vmap: ([x, indices], [xBatched, indicesBatched]) => {
    if (!xBatched) return gather(x, indices);
    if (indicesBatched) {
      const rows = takeAlong(x, alongRows(indices, x.shape.slice(2)), { axis: 1 });
      return reshape(rows, [...indices.shape, ...x.shape.slice(2)]);
    }
    // Gather with rows first and entries second, then move the entries back to the front.
    const rows = gather(moveAxis(x, 0, 1), indices);
    return moveAxis(rows, indices.shape.length, 0);
  },
};

/**
 * The rows of `x` (entries along its first dimension) at `indices`: [...indices, ...rest of x]. Negative indices count
 * from the end. A run with an index out of range fails with IndexError.
 *
 * @throws TypeMismatchError unless `indices` is i64
 * @throws IndexError for a constant index out of range
 */
export function gather(x: Tensor, indices: Tensor): Tensor {
  return apply(gatherOp, [x, indices], undefined);
}

const scatterAddOp: Op<{ readonly shape: Shape }> = {
  name: "scatterAdd",
  type: ([indices, updates], { shape }) => {
    if (shape.length === 0)
      throw new ShapeError("scatterAdd: expected a shape with at least 1 dimension, got []");
    assertIndices("scatterAdd", indices, shape[0]);
    const wanted = [...indices.shape, ...shape.slice(1)];
    if (!sameShape(updates.shape, wanted))
      throw new ShapeError(
        `scatterAdd: updates must be ${formatShape(wanted)}, got ${formatShape(updates.shape)}`,
      );
    return { dtype: updates.dtype, shape };
  },
  vjp: ({ inputs: [indices] }, cotangent) => [undefined, gather(cotangent, indices)],
  jvp: ({ inputs: [indices], attributes: { shape } }, [, tangent]) =>
    tangent && scatterAdd(shape, indices, tangent),
  lower: (emit, [indices, updates], { inputs, attributes: { shape } }) => {
    const zeros = emit.node("Expand", [emit.scalar(inputs[1].dtype, 0, 0), emit.shapeVector(shape)]);
    const columns = emit.node("Unsqueeze", [indices, emit.integers([-1])]);
    return emit.node("ScatterND", [zeros, columns, updates], { reduction: "add" });
  },
  indexed: ({ inputs: [indices], attributes: { shape } }) => ({ indices, size: shape[0] }),
  vmap: ([indices, updates], [indicesBatched, updatesBatched], { shape }, size) => {
    if (indicesBatched) {
      const along = alongRows(indices, shape.slice(1));
      const each = reshape(withLeading(updates, updatesBatched, size), along.shape);
      return scatterAddAlong(along, each, 1, shape[0]);
    }
    const rows = moveAxis(updates, 0, indices.shape.length);
    return moveAxis(scatterAdd([shape[0], size, ...shape.slice(1)], indices, rows), 1, 0);
  },
};

/**
 * Zeros of `shape` with `updates` added to the rows at `indices`, which may repeat: the transpose of gather.
 *
 * @throws ShapeError unless updates are [...indices, ...rest of shape]
 * @throws TypeMismatchError unless `indices` is i64
 * @throws IndexError for a constant index out of range
 */
export function scatterAdd(shape: Shape, indices: Tensor, updates: Tensor): Tensor {
  return apply(scatterAddOp, [indices, updates], { shape: checkShape("scatterAdd", shape) });
}

/**
 * One-hot encoding, [...indices, classes]: 1 where the position along the last dimension equals the index, 0 elsewhere.
 * An index out of range gives a row of zeros.
 *
 * @throws ShapeError unless `classes` is a non-negative integer
 * @throws TypeMismatchError unless `indices` is i64
 */
export function oneHot(indices: Tensor, classes: number, dtype: "f32" | "f64"): Tensor {
  checkShape("oneHot: classes", [classes]);
  assertIndices("oneHot", indices);
  const positions = constant(BigInt64Array.from({ length: classes }, (_, i) => BigInt(i)));
  return cast(equal(expandDims(indices, -1), positions), dtype);
}

/**
 * A tensor filled with one value.
 *
 * @throws ShapeError unless all dimensions are non-negative integers or names
 */
export function full(shape: Shape, value: number, dtype: "f32" | "f64" | "i64"): Tensor {
  return broadcastTo(scalar(value, dtype), checkShape("full", shape));
}
