import { ShapeError } from "../errors.ts";
import { formatShape, normalizeAxes } from "../shape.ts";
import { apply, type Op, type Tensor } from "../tensor.ts";
import { mul } from "./arithmetic.ts";
import { onesLike } from "./broadcast.ts";
import { concat } from "./concat.ts";
import { padOrCut } from "./pad.ts";
import { checkReduceOptions, type ReduceOptions, reducedShape, reduceSum } from "./reduce.ts";
import { reshape } from "./shape.ts";
import { cut } from "./slice.ts";

/**
 * For each entry along `axis`, the product of the others, computed without division so that zeros need no special case:
 * the product of the other pairs times the other half of the entry's pair. About three multiplications per entry.
 */
function productOfOthers(x: Tensor, axis: number): Tensor {
  const size = x.shape[axis];
  if (typeof size !== "number")
    throw new ShapeError(
      `prod: its derivative needs dimension ${axis} of ${formatShape(x.shape)} to be known at trace time`,
    );
  if (size <= 1) return onesLike(x);
  const half = Math.ceil(size / 2);
  const first = cut(x, axis, 0, half);
  const none = new Array<number>(x.shape.length).fill(0);
  const second = padOrCut(cut(x, axis, half, size - half), none, none.with(axis, 2 * half - size), 1);
  const others = productOfOthers(mul(first, second), axis);
  return cut(concat([mul(others, second), mul(others, first)], { axis }), axis, 0, size);
}

const prodOp: Op<{ readonly axis: number }> = {
  name: "prod",
  type: ([{ dtype, shape }], { axis }) => ({ dtype, shape: reducedShape(shape, [axis], true) }),
  vjp: ({ inputs: [x], attributes: { axis } }, cotangent) => [mul(cotangent, productOfOthers(x, axis))],
  jvp: ({ inputs: [x], attributes: { axis } }, [tangent]) =>
    tangent && reduceSum(mul(tangent, productOfOthers(x, axis)), [axis], true),
  lower: (emit, [x], { attributes: { axis } }) =>
    emit.node("ReduceProd", [x, emit.integers([axis])], { keepdims: 1 }),
  vmap: ([x], _, { axis }) => apply(prodOp, [x], { axis: axis + 1 }),
};

/**
 * Product over `axes`. The derivative in an element is the product of the others, even if some are 0.
 *
 * @throws ShapeError when differentiated over a dimension whose size is not known at trace time
 */
export function prod(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkReduceOptions("prod", options);
  const { axes, keepDims = false } = options;
  const over = normalizeAxes("prod", x.shape.length, axes);
  const result = over.reduce((t, axis) => apply(prodOp, [t], { axis }), x);
  return reshape(result, reducedShape(x.shape, over, keepDims));
}
