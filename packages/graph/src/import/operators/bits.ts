import { sub } from "../../ops/arithmetic.ts";
import { bitwiseAnd, bitwiseOr, bitwiseXor, shiftLeft, shiftRight } from "../../ops/bits.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";

/** The numbers of bits of ONNX's unsigned integers below 64. */
const unsignedBits: Readonly<Record<number, number>> = { 2: 8, 4: 16, 12: 32 };

/** The largest number of a type of fewer than 64 bits without sign; undefined for others, whose bits need no mask. */
function largestOf(call: NodeCall): number | undefined {
  const bits = unsignedBits[call.elementType(0) ?? 0];
  return bits === undefined ? undefined : 2 ** bits - 1;
}

const binary =
  (f: (a: Tensor, b: Tensor) => Tensor): Operator =>
  (call) =>
    f(call.input(0), call.input(1));

const bitShift: Operator = (call) => {
  const [x, by] = [call.input(0), call.input(1)];
  if (call.text("direction", "") === "RIGHT") return shiftRight(x, by);
  const largest = largestOf(call);
  const shifted = shiftLeft(x, by);
  return largest === undefined ? shifted : bitwiseAnd(shifted, largest);
};

/** -1 - x has all bits of x inverted; in a type without sign, the largest number takes the place of -1. */
const bitwiseNot: Operator = (call) => sub(largestOf(call) ?? -1, call.input(0));

export const bits: Readonly<Record<string, Operator>> = {
  BitShift: bitShift,
  BitwiseAnd: binary(bitwiseAnd),
  BitwiseNot: bitwiseNot,
  BitwiseOr: binary(bitwiseOr),
  BitwiseXor: binary(bitwiseXor),
};
