import { broadcastToOp } from "../ops/broadcast.ts";
import { reshapeOp } from "../ops/shape.ts";
import { sameShape } from "../shape.ts";
import { type Op, scalar, scalarValue, type Tensor } from "../tensor.ts";

/** The node of an operation, simplified; equal ones are one node. */
export type Make = (op: Op, inputs: readonly Tensor[], attributes: unknown) => Tensor;
/** Another node for the same value, or undefined when the rule does not apply. Rules see simplified inputs. */
export type Rule = (
  inputs: readonly Tensor[],
  attributes: unknown,
  type: Tensor,
  make: Make,
) => Tensor | undefined;

/** Rules for some operations, each operation's tried in order. */
export type Rules = readonly (readonly [Op, readonly Rule[]])[];

/** The scalar that a tensor repeats, if it is a constant repeated. */
export function repeated(tensor: Tensor): number | undefined {
  const inner = tensor.op === broadcastToOp || tensor.op === reshapeOp ? tensor.inputs[0] : tensor;
  return scalarValue(inner);
}

/** A constant repeated in the shape of another tensor. */
export function fill(value: number, like: Tensor, make: Make): Tensor {
  const one = scalar(value, like.dtype);
  return like.shape.length === 0 ? one : make(broadcastToOp, [one], { shape: like.shape });
}

/** `x` where the result has its shape; else it has to be repeated. */
export function as(x: Tensor, type: Tensor, make: Make): Tensor {
  return sameShape(x.shape, type.shape) ? x : make(broadcastToOp, [x], { shape: type.shape });
}

/** Whether scaling by the number is exact. */
export function isPowerOfTwo(value: number): boolean {
  return value !== 0 && Number.isInteger(Math.log2(Math.abs(value)));
}
