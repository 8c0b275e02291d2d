import type { FloatType } from "../dtype.ts";
import type { Emitter } from "../onnx/emit.ts";

/**
 * e^x - 1 to working precision for small x: with u = fl(e^x), (u - 1) x / log(u) (Kahan), and x where u is 1. Away from
 * 0, u - 1 itself is as good, and the quotient would overflow.
 */
export function lowerExpm1(emit: Emitter, x: string, dtype: FloatType, rank: number): string {
  const one = emit.scalar(dtype, 1, rank);
  const u = emit.node("Exp", [x]);
  const difference = emit.node("Sub", [u, one]);
  const quotient = emit.node("Div", [emit.node("Mul", [difference, x]), emit.node("Log", [u])]);
  const small = emit.node("Where", [emit.node("Equal", [u, one]), x, quotient]);
  return emit.node("Where", [emit.node("Less", [emit.node("Abs", [x]), one]), small, difference]);
}
