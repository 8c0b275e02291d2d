import { isFloat } from "../../dtype.ts";
import { add, div, maximum, minimum, mul, sub } from "../../ops/arithmetic.ts";
import { matmul } from "../../ops/matmul.ts";
import { max, min } from "../../ops/reduce.ts";
import { round } from "../../ops/rounding.ts";
import { cast, stopGradient } from "../../ops/select.ts";
import { reshape } from "../../ops/shape.ts";
import { formatShape, normalizeAxes } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom } from "../values.ts";
import { gatherAlong } from "./axes.ts";
import { convolved } from "./windows.ts";

/** The range of an integer element type of ONNX by its number. */
const ranges: Readonly<Record<number, readonly [number, number]>> = {
  2: [0, 255],
  3: [-128, 127],
  4: [0, 65535],
  5: [-32768, 32767],
  21: [0, 15],
  22: [-8, 7],
};

/** A scale or zero point against x: a single one, one for each entry along the axis, or one for each block of it. */
function against(call: NodeCall, values: Tensor, x: Tensor): Tensor {
  const rank = x.shape.length;
  const block = call.int("block_size", 0);
  if (values.shape.length === 0) return values;
  // The axis of a single entry means nothing, and may be one that x lacks.
  if (block === 0 && values.shape.length === 1 && values.shape[0] === 1) return reshape(values, []);
  const [axis] = normalizeAxes(call.node.opType, rank, call.int("axis", 1));
  if (block > 0) {
    const size = x.shape[axis];
    if (typeof size !== "number")
      return call.refuse(`axis ${axis} of ${formatShape(x.shape)} must have a known size`);
    const places = Array.from({ length: size }, (_, i) => Math.floor(i / block));
    return gatherAlong(values, constantFrom("i64", places, [size]), axis);
  }
  if (values.shape.length !== 1) return values;
  return reshape(
    values,
    x.shape.map((_, i) => (i === axis ? values.shape[0] : 1)),
  );
}

/** Rounds half to even and saturates; derivatives are 0, or with straightThrough those of the unrounded value. */
function quantized(
  call: NodeCall,
  scaled: Tensor,
  zero: Tensor | undefined,
  range: readonly [number, number],
): Tensor {
  const rounded = round(scaled);
  const shifted = zero ? add(rounded, cast(zero, rounded.dtype)) : rounded;
  const kept = minimum(maximum(shifted, range[0]), range[1]);
  if (!call.importer.straightThrough) return cast(kept, "i64");
  const plain = zero ? add(scaled, cast(zero, scaled.dtype)) : scaled;
  const passing = minimum(maximum(plain, range[0]), range[1]);
  return add(passing, stopGradient(sub(kept, passing)));
}

const quantize: Operator = (call) => {
  const [x, scale] = [call.input(0), call.input(1)];
  const zero = call.optional(2);
  const type = call.int("output_dtype", 0) || (call.elementType(2) ?? 2);
  const range = ranges[type] ?? call.refuse(`the ONNX element type ${type} is not supported`);
  const numbers = isFloat(x.dtype) ? x : cast(x, scale.dtype);
  const scaled = div(numbers, against(call, scale, x));
  return quantized(call, scaled, zero && against(call, zero, x), range);
};

const dequantize: Operator = (call) => {
  const [x, scale] = [call.input(0), call.input(1)];
  const zero = call.optional(2);
  const numbers = cast(x, scale.dtype);
  const shifted = zero ? sub(numbers, cast(against(call, zero, x), scale.dtype)) : numbers;
  return mul(shifted, against(call, scale, x));
};

/** Scale and zero point from the range of x, which always includes 0; 8 bits without sign. */
function byRange(call: NodeCall, x: Tensor) {
  const [low, high] = [minimum(min(x), 0), maximum(max(x), 0)];
  const scale = div(sub(high, low), 255);
  const zero = minimum(maximum(round(div(mul(low, -1), scale)), 0), 255);
  return { value: quantized(call, div(x, scale), zero, [0, 255]), scale, zero };
}

const dynamicQuantize: Operator = (call) => {
  const { value, scale, zero } = byRange(call, call.input(0));
  return [value, scale, cast(zero, "i64")];
};

/** x quantized by its range, as float32 numbers again. */
export function requantized(call: NodeCall, x: Tensor): Tensor {
  const { value, scale, zero } = byRange(call, x);
  return mul(sub(cast(value, "f32"), zero), scale);
}

/** The places of a quantized tensor among a node's inputs. */
export interface Quantized {
  readonly value: number;
  readonly scale: number;
  readonly zero: number;
}

/**
 * The float32 numbers of a quantized operand. Scales and zero points are single ones, or one for each entry of the last
 * axis, or `perRow` of the first.
 */
export function realOf(call: NodeCall, { value, scale, zero }: Quantized, perRow = false): Tensor {
  const x = cast(call.input(value), "f32");
  const shift = call.optional(zero);
  const beside = (given: Tensor) => {
    const t = cast(given, "f32");
    if (t.shape.length !== 1) return t;
    if (t.shape[0] === 1) return reshape(t, []);
    return perRow ? reshape(t, [t.shape[0], ...x.shape.slice(1).map(() => 1)]) : t;
  };
  return mul(shift ? sub(x, beside(shift)) : x, beside(call.input(scale)));
}

/** A result quantized by a scale and a zero point; without one it has the element type of the input `like`. */
export function quantizedResult(
  call: NodeCall,
  y: Tensor,
  { scale, zero, like = zero }: { readonly scale: number; readonly zero: number; readonly like?: number },
): Tensor {
  const type = call.elementType(zero) ?? call.elementType(like) ?? 2;
  const range = ranges[type] ?? call.refuse("the element type of the result is not supported");
  const shift = call.optional(zero);
  const single = (t: Tensor) => (t.shape.length === 1 ? reshape(t, []) : t);
  return quantized(call, div(y, single(cast(call.input(scale), "f32"))), shift && single(shift), range);
}

/** A product or convolution of quantized operands: inputs are value, scale and zero point of both, then of the result. */
const quantizedProduct =
  (multiply: (call: NodeCall, a: Tensor, b: Tensor) => Tensor): Operator =>
  (call) => {
    const convolution = call.node.opType === "QLinearConv";
    const product = multiply(
      call,
      realOf(call, { value: 0, scale: 1, zero: 2 }),
      realOf(call, { value: 3, scale: 4, zero: 5 }, convolution),
    );
    const bias = convolution ? call.optional(8) : undefined;
    const scaled =
      bias && mul(cast(bias, "f32"), mul(cast(call.input(1), "f32"), cast(call.input(4), "f32")));
    const y = scaled
      ? add(product, reshape(scaled, [scaled.shape[0], ...product.shape.slice(2).map(() => 1)]))
      : product;
    return quantizedResult(call, y, { scale: 6, zero: 7 });
  };

export const quantization: Readonly<Record<string, Operator>> = {
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: dynamicQuantize,
  QLinearConv: quantizedProduct(convolved),
  QLinearMatMul: quantizedProduct((_, a, b) => matmul(a, b)),
  QuantizeLinear: quantize,
};
