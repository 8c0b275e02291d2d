import { countsAlike, productOf, quotientOf } from "../dimension-polynomials.ts";
import { ShapeError } from "../errors.ts";
import { checkCounts, checkShape, type Dimension, formatShape, type Shape, sameShape } from "../shape.ts";
import { apply, type Op, type Tensor } from "../tensor.ts";

interface ToShape {
  readonly shape: Shape;
}

export const reshapeOp: Op<ToShape> = {
  name: "reshape",
  type: ([x], { shape }) => {
    if (!countsAlike(x.shape, shape))
      throw new ShapeError(
        `reshape: ${formatShape(x.shape)} and ${formatShape(shape)} have different numbers of elements`,
      );
    return { dtype: x.dtype, shape };
  },
  vjp: ({ inputs: [x] }, cotangent) => [reshape(cotangent, x.shape)],
  jvp: ({ attributes }, [tangent]) => tangent && reshape(tangent, attributes.shape),
  lower: (emit, [x], { attributes: { shape } }) => {
    const named = shape.filter((d) => typeof d === "string");
    const empty = shape.some((d) => d === 0);
    // A single named dimension can be inferred, so no shape has to be read at run time.
    const isInferred = named.length === 1 && !empty;
    return emit.reshape(x, isInferred ? shape.map((d) => (typeof d === "string" ? -1 : d)) : shape);
  },
  vmap: ([x], _, { shape }, size) => reshape(x, [size, ...shape]),
};

/** The shape with -1 replaced by the dimension inferred from x's number of elements. */
function withInferred(x: Shape, shape: Shape): Shape {
  const at = shape.indexOf(-1);
  if (at < 0) return shape;
  const describe = `${formatShape(x)} to ${formatShape(shape)}`;
  if (shape.lastIndexOf(-1) !== at)
    throw new ShapeError(`reshape: only one dimension can be -1, got ${describe}`);
  const others = shape.toSpliced(at, 1);
  if (productOf(others) === 0)
    throw new ShapeError(`reshape: -1 cannot be inferred next to a dimension of size 0, got ${describe}`);
  const inferred = quotientOf(x, others);
  if (inferred === undefined)
    throw new ShapeError(
      `reshape: ${describe}: ${productOf(x)} elements are not a multiple of ${productOf(others)}`,
    );
  return shape.with(at, inferred);
}

/**
 * The same elements, in row-major order, with another shape.
 *
 * @param shape one dimension may be -1 and is inferred from the others; merged named dimensions are their product
 * @throws ShapeError when the numbers of elements differ, or -1 cannot be determined when tracing
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const wanted = withInferred(x.shape, checkShape("reshape", shape, -1));
  return sameShape(x.shape, wanted) ? x : apply(reshapeOp, [x], { shape: wanted });
}

/**
 * Inserts dimensions of size 1 at `axes` of the result.
 *
 * @throws ShapeError when an axis is out of range or repeated
 */
export function expandDims(x: Tensor, axes: number | readonly number[]): Tensor {
  const list = typeof axes === "number" ? [axes] : axes;
  const rank = x.shape.length + list.length;
  const at = new Set(list.map((axis) => (axis < 0 ? axis + rank : axis)));
  if (at.size !== list.length || [...at].some((axis) => axis < 0 || axis >= rank || !Number.isInteger(axis)))
    throw new ShapeError(
      `expandDims: axes must be distinct integers in [${-rank}, ${rank - 1}], got ${list.join(", ")}`,
    );
  const shape: Dimension[] = [];
  let next = 0;
  for (let i = 0; i < rank; i++) shape.push(at.has(i) ? 1 : x.shape[next++]);
  return reshape(x, shape);
}

/**
 * Removes dimensions of size 1: those at `axes`, or all by default.
 *
 * @throws ShapeError when a given dimension does not have size 1
 */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  const rank = x.shape.length;
  const list =
    axes === undefined
      ? [...x.shape.keys()].filter((i) => x.shape[i] === 1)
      : typeof axes === "number"
        ? [axes]
        : axes;
  const at = new Set(list.map((axis) => (axis < 0 ? axis + rank : axis)));
  for (const axis of at)
    if (x.shape[axis] !== 1)
      throw new ShapeError(
        `squeeze: dimension ${axis} of ${formatShape(x.shape)} is ${x.shape[axis]}, expected 1`,
      );
  return reshape(
    x,
    x.shape.filter((_, i) => !at.has(i)),
  );
}

interface Permutation {
  readonly permutation: readonly number[];
}

function inverse(permutation: readonly number[]): number[] {
  const result: number[] = new Array(permutation.length);
  permutation.forEach((from, to) => {
    result[from] = to;
  });
  return result;
}

export const transposeOp: Op<Permutation> = {
  name: "transpose",
  type: ([x], { permutation }) => ({ dtype: x.dtype, shape: permutation.map((i) => x.shape[i]) }),
  vjp: ({ attributes }, cotangent) => [transpose(cotangent, inverse(attributes.permutation))],
  jvp: ({ attributes }, [tangent]) => tangent && transpose(tangent, attributes.permutation),
  lower: (emit, [x], { attributes }) => emit.node("Transpose", [x], { perm: attributes.permutation }),
  vmap: ([x], _, { permutation }) => transpose(x, [0, ...permutation.map((axis) => axis + 1)]),
};

/**
 * Permutes dimensions: dimension i of the result is dimension `permutation[i]` of `x`; reverses them by default.
 *
 * @throws ShapeError when `permutation` is not a permutation of x's dimensions
 */
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  const rank = x.shape.length;
  const order = permutation ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  if (
    order.length !== rank ||
    !sameShape(
      [...order].sort((a, b) => a - b),
      [...x.shape.keys()],
    )
  )
    throw new ShapeError(
      `transpose: permutation must contain each of 0 to ${rank - 1} once, got [${order.join(", ")}]`,
    );
  return order.every((from, to) => from === to) ? x : apply(transposeOp, [x], { permutation: order });
}

interface SizeAttributes {
  readonly shape: Shape;
  readonly dtype: "f32" | "f64" | "i64";
}

export const sizeOp: Op<SizeAttributes> = {
  name: "size",
  type: (_, { dtype }) => ({ dtype, shape: [] }),
  lower: (emit, _, { attributes: { shape, dtype } }) => {
    const count = emit.elementCount(shape);
    return dtype === "i64" ? count : emit.cast(count, dtype);
  },
};

/** The number of elements of `shape`, as a scalar: known at trace time, or read from the inputs of each run. */
export function size(shape: Shape, dtype: "f32" | "f64" | "i64"): Tensor {
  return apply(sizeOp, [], { shape: checkCounts("size", shape), dtype });
}
