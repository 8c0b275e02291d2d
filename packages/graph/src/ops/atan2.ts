import type { Emitter } from "../onnx/emit.ts";
import type { Application } from "../tensor.ts";

/**
 * The angle a of t = min(|x|, |y|) / max(|x|, |y|) in [0, pi/4], then of the octant. ONNX Runtime has no float64
 * kernel of atan: there the float32 one gives a_0, and the rest is the angle of (x, y) turned back by a_0, whose
 * tangent (t cos a_0 - sin a_0) / (cos a_0 + t sin a_0) is below 1e-6 and hence is the angle to working precision.
 */
export function lowerAtan2(
  emit: Emitter,
  [y, x]: readonly string[],
  { inputs, output }: Application<undefined>,
): string {
  const dtype = output.dtype;
  const number = (value: number, { shape }: { readonly shape: readonly unknown[] } = output) =>
    emit.scalar(dtype, value, shape.length);
  const broadcast = (opType: string, names: readonly string[]) =>
    emit.elementwise(opType, names, { inputs, output });

  const [absoluteY, absoluteX] = [emit.node("Abs", [y]), emit.node("Abs", [x])];
  const larger = broadcast("Max", [absoluteY, absoluteX]);
  const smaller = broadcast("Min", [absoluteY, absoluteX]);
  const divisor = emit.node("Where", [emit.node("Equal", [larger, number(0)]), number(1), larger]);
  const t = emit.node("Div", [smaller, divisor]);
  let angle: string;
  if (dtype === "f32") angle = emit.node("Atan", [t]);
  else {
    const first = emit.cast(emit.node("Atan", [emit.cast(t, "f32")]), "f64");
    const [sine, cosine] = [emit.node("Sin", [first]), emit.node("Cos", [first])];
    const opposite = emit.node("Sub", [emit.node("Mul", [t, cosine]), sine]);
    const adjacent = emit.node("Add", [cosine, emit.node("Mul", [t, sine])]);
    angle = emit.node("Add", [first, emit.node("Div", [opposite, adjacent])]);
  }
  const select = (condition: string, of: { readonly shape: readonly (number | string)[] }, other: string) =>
    emit.elementwise("Where", [condition, other, angle], { inputs: [of, output, output], output });
  angle = select(
    broadcast("Greater", [absoluteY, absoluteX]),
    output,
    emit.node("Sub", [number(Math.PI / 2), angle]),
  );
  angle = select(
    emit.node("Less", [x, number(0, inputs[1])]),
    inputs[1],
    emit.node("Sub", [number(Math.PI), angle]),
  );
  return select(emit.node("Less", [y, number(0, inputs[0])]), inputs[0], emit.node("Neg", [angle]));
}
