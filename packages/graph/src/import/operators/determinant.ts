import { mul, sub } from "../../ops/arithmetic.ts";
import { cumSum } from "../../ops/cumulative.ts";
import { matmul } from "../../ops/matmul.ts";
import { diagonal, diagonalMatrix, upperTriangle } from "../../ops/matrices.ts";
import { cast } from "../../ops/select.ts";
import { reshape } from "../../ops/shape.ts";
import { slice } from "../../ops/slice.ts";
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { Operator } from "../node-call.ts";

/** Beyond this order, rounding in float64 may leave fewer than six digits of a determinant. */
const LARGEST_ORDER = 24;

/** What is above the diagonal, and on it the negative sums of the entries of x's diagonal that follow. */
function next(x: Tensor): Tensor {
  const entries = diagonal(x);
  const following = sub(cumSum(entries, { reverse: true }), entries);
  return sub(upperTriangle(x, { offset: 1 }), diagonalMatrix(following));
}

/** The determinant without divisions, so that all derivatives exist, also of singular matrices (Bird 2011). */
const determinant: Operator = (call) => {
  const given = call.input(0);
  const n = given.shape.at(-1);
  if (typeof n !== "number" || n !== given.shape.at(-2))
    return call.refuse(`expected square matrices of a known order, got ${formatShape(given.shape)}`);
  if (n > LARGEST_ORDER)
    return call.refuse(`determinants of an order above ${LARGEST_ORDER} are not supported, got ${n}`);
  const leading = given.shape.slice(0, -2);
  const a = cast(given, "f64");
  let product = a;
  for (let k = 1; k < n; k++) product = matmul(next(product), a);
  const corner = slice(product, [
    { axis: -2, start: 0, end: 1 },
    { axis: -1, start: 0, end: 1 },
  ]);
  return cast(mul(reshape(corner, leading), n % 2 === 0 ? -1 : 1), given.dtype);
};

export const determinants: Readonly<Record<string, Operator>> = { Det: determinant };
