import { ShapeError } from "../errors.ts";
import { broadcastShapes, checkShape, formatShape, type Shape, sameShape } from "../shape.ts";
import { apply, type Op, scalar, type Tensor } from "../tensor.ts";
import { reduceSum } from "./reduce.ts";
import { reshape } from "./shape.ts";

interface ToShape {
  readonly shape: Shape;
}

export const broadcastToOp: Op<ToShape> = {
  name: "broadcastTo",
  type: ([x], { shape }) => {
    if (!sameShape(broadcastShapes("broadcastTo", x.shape, shape), shape))
      throw new ShapeError(
        `broadcastTo: ${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`,
      );
    return { dtype: x.dtype, shape };
  },
  vjp: ({ inputs: [x] }, cotangent) => [sumTo(cotangent, x.shape)],
  jvp: ({ attributes }, [tangent]) => tangent && broadcastTo(tangent, attributes.shape),
  lower: (emit, [x], { attributes }) => emit.node("Expand", [x, emit.shapeVector(attributes.shape)]),
  vmap: ([x], _, { shape }, size) => {
    const missing = shape.length - (x.shape.length - 1);
    const entry = [...new Array<number>(missing).fill(1), ...x.shape.slice(1)];
    return broadcastTo(reshape(x, [size, ...entry]), [size, ...shape]);
  },
};

/**
 * Broadcasts `x` to `shape`: repeats it along dimensions of size 1 and new leading ones.
 *
 * @throws ShapeError when x does not broadcast to the shape
 */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return apply(broadcastToOp, [x], { shape: checkShape("broadcastTo", shape) });
}

/** Sums `x` over the dimensions that broadcasting from `shape` to x's shape repeats: the transpose of broadcastTo. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.shape.length - shape.length;
  const leading = Array.from({ length: extra }, (_, i) => i);
  const kept: number[] = [];
  shape.forEach((dimension, i) => {
    if (dimension === 1 && x.shape[i + extra] !== 1) kept.push(i + extra);
  });
  let result = kept.length > 0 ? reduceSum(x, kept, true) : x;
  if (leading.length > 0) result = reduceSum(result, leading, false);
  return result;
}

/** Zeros of the shape and type of `x`. */
export function zerosLike(x: Tensor): Tensor {
  return broadcastTo(scalar(0, x.dtype), x.shape);
}

/** Ones of the shape and type of `x`. */
export function onesLike(x: Tensor): Tensor {
  return broadcastTo(scalar(1, x.dtype), x.shape);
}
