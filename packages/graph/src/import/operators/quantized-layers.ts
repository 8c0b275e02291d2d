import { leakyRelu } from "../../ops/activations.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { concat } from "../../ops/concat.ts";
import { matmul, matrixTranspose } from "../../ops/matmul.ts";
import { mean } from "../../ops/reduce.ts";
import { cast, where } from "../../ops/select.ts";
import { reshape } from "../../ops/shape.ts";
import { softmax } from "../../ops/softmax.ts";
import { sigmoid } from "../../ops/unary.ts";
import { normalizeAxes, sizeOfShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { moveAxis } from "./axes.ts";
import { type Quantized, quantizedResult, realOf, requantized } from "./quantization.ts";
import { averagePoolOf } from "./windows.ts";

/** Value, scale and zero point one after another. */
const triple = (index: number): Quantized => ({ value: index, scale: index + 1, zero: index + 2 });

/** A function of one quantized operand: its value, scale and zero point, then the scale and zero point of the result. */
const ofOne =
  (f: (x: Tensor, call: NodeCall) => Tensor): Operator =>
  (call) =>
    quantizedResult(call, f(realOf(call, triple(0)), call), { scale: 3, zero: 4, like: 0 });

/** A function of two quantized operands. */
const ofTwo =
  (f: (a: Tensor, b: Tensor) => Tensor): Operator =>
  (call) =>
    quantizedResult(call, f(realOf(call, triple(0)), realOf(call, triple(3))), {
      scale: 6,
      zero: 7,
      like: 0,
    });

/** A function of images whose channels may be their last axis. */
const ofImages = (f: (x: Tensor, call: NodeCall) => Tensor): Operator =>
  ofOne((x, call) => {
    if (call.int("channels_last", 0) === 0) return f(x, call);
    const last = x.shape.length - 1;
    return moveAxis(f(moveAxis(x, last, 1), call), 1, last);
  });

/** The mean over all axes after the channels. */
const spatialMean = (x: Tensor) => mean(x, { axes: x.shape.slice(2).map((_, i) => i + 2), keepDims: true });

/** Before operator set 13, the softmax of a row is over all axes from `axis` on. */
function quantizedSoftmax(x: Tensor, call: NodeCall): Tensor {
  const [axis] = normalizeAxes("QLinearSoftmax", x.shape.length, call.int("axis", -1));
  if (call.int("opset", 13) >= 13) return softmax(x, { axis });
  const rest = sizeOfShape(x.shape.slice(axis).map(Number));
  return reshape(softmax(reshape(x, [...x.shape.slice(0, axis), rest]), { axis: -1 }), x.shape);
}

/** Scale and zero point of the result come first, then value, scale and zero point of each operand. */
const quantizedConcat: Operator = (call) => {
  const count = Math.floor((call.values.length - 2) / 3);
  const parts = Array.from({ length: count }, (_, i) => realOf(call, triple(2 + 3 * i)));
  const [axis] = normalizeAxes("QLinearConcat", parts[0].shape.length, call.int("axis", 0));
  return quantizedResult(call, concat(parts, { axis }), { scale: 0, zero: 1, like: 2 });
};

const quantizedWhere: Operator = (call) =>
  quantizedResult(call, where(call.input(0), realOf(call, triple(1)), realOf(call, triple(4))), {
    scale: 7,
    zero: 8,
    like: 1,
  });

/** alpha A' B' + C of quantized matrices; C has the product of their scales, and without a scale the result is float32. */
const quantizedGemm: Operator = (call) => {
  const transposed = call.int("transB", 0) === 1;
  const a = call.int("transA", 0) === 1 ? matrixTranspose(realOf(call, triple(0))) : realOf(call, triple(0));
  const b = transposed ? matrixTranspose(realOf(call, triple(3), true)) : realOf(call, triple(3));
  const c = call.optional(6);
  const ab = matmul(a, b);
  const alpha = call.float("alpha", 1);
  const unit = mul(cast(call.input(1), "f32"), cast(call.input(4), "f32"));
  const y = mul(c ? add(ab, mul(cast(c, "f32"), unit)) : ab, alpha);
  return call.has(7) ? quantizedResult(call, y, { scale: 7, zero: 8, like: 0 }) : y;
};

/** A product of quantized matrices as float32 numbers: both operands, their scales, their zero points and a bias. */
const scaledProduct: Operator = (call) => {
  const of = (index: number) => realOf(call, { value: index, scale: index + 2, zero: index + 4 });
  const bias = call.optional(6);
  const ab = matmul(of(0), of(1));
  return bias ? add(ab, bias) : ab;
};

/** A product of a float32 matrix, quantized by its range, and a quantized one: then its scale and zero point, and a bias. */
const dynamicProduct: Operator = (call) => {
  const bias = call.optional(4);
  const ab = matmul(requantized(call, call.input(0)), realOf(call, { value: 1, scale: 2, zero: 3 }));
  return bias ? add(ab, bias) : ab;
};

/** Operators of the domain com.microsoft on quantized tensors: their float32 numbers are computed with and quantized. */
export const quantizedLayers: Readonly<Record<string, Operator>> = {
  DynamicQuantizeMatMul: dynamicProduct,
  MatMulIntegerToFloat: scaledProduct,
  QGemm: quantizedGemm,
  QLinearAdd: ofTwo(add),
  QLinearAveragePool: ofImages((x, call) => averagePoolOf(call, x)),
  QLinearConcat: quantizedConcat,
  QLinearGlobalAveragePool: ofImages(spatialMean),
  QLinearLeakyRelu: ofOne((x, call) => leakyRelu(x, { slope: call.float("alpha", 0.01) })),
  QLinearMul: ofTwo(mul),
  QLinearSigmoid: ofOne(sigmoid),
  QLinearSoftmax: ofOne(quantizedSoftmax),
  QLinearWhere: quantizedWhere,
};
