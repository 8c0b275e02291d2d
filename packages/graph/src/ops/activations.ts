import { checkFinite, checkOptions } from "../check.ts";
import { GraphError } from "../errors.ts";
import { apply, floatType, type Op, scalar, type Tensor } from "../tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { equal, greater } from "./compare.ts";
import { lowerExpm1 } from "./expm1.ts";
import { where } from "./select.ts";
import { erf, erfc, exp, neg, sigmoid } from "./unary.ts";

/**
 * GELU: x Phi(x), where Phi is the standard normal distribution function; in float64 as Phi(x) = erfc(-x/sqrt(2))/2,
 * which has full relative precision for negative x.
 * Source: Hendrycks & Gimpel 2016.
 */
export function gelu(x: Tensor): Tensor {
  const half = mul(x, 0.5);
  if (floatType("gelu", x) === "f64") return mul(half, erfc(mul(x, -Math.SQRT1_2)));
  return mul(half, add(erf(mul(x, Math.SQRT1_2)), 1));
}

/** Simplification writes it as x sigmoid(x), so that its derivative has the same sigmoid. */
export const siluOp: Op<undefined> = {
  name: "silu",
  type: ([x]) => ({ dtype: floatType("silu", x), shape: x.shape }),
  vjp: ({ inputs: [x], output }, cotangent) => [mul(cotangent, siluSlope(x, output))],
  jvp: ({ inputs: [x], output }, [tangent]) => tangent && mul(tangent, siluSlope(x, output)),
  lower: (emit, [x]) => emit.node("Mul", [x, emit.node("Sigmoid", [x])]),
  vmap: (inputs) => apply(siluOp, inputs, undefined),
};

/** s + y (1 - s) with s = sigmoid(x): two passes fewer than by the product's rule. */
function siluSlope(x: Tensor, y: Tensor): Tensor {
  const s = sigmoid(x);
  return add(s, mul(y, x.dtype === "f32" ? sub(1, s) : sigmoid(neg(x))));
}

/** SiLU (swish): x sigmoid(x), in float32 0 below about -18 (Elfwing, Uchibe & Doya 2018). */
export function silu(x: Tensor): Tensor {
  return apply(siluOp, [x], undefined);
}

const eluOp: Op<{ readonly alpha: number }> = {
  name: "elu",
  type: ([x]) => ({ dtype: floatType("elu", x), shape: x.shape }),
  vjp: ({ inputs: [x], output, attributes: { alpha } }, cotangent) => [
    mul(cotangent, eluSlope(x, output, alpha)),
  ],
  jvp: ({ inputs: [x], output, attributes: { alpha } }, [tangent]) =>
    tangent && mul(tangent, eluSlope(x, output, alpha)),
  lower: (emit, [x], { inputs: [{ dtype, shape }], attributes: { alpha } }) => {
    if (dtype !== "f64") return emit.node("Elu", [x], { alpha });
    const [zero, factor] = [0, alpha].map((value) => emit.scalar(dtype, value, shape.length));
    const scaled = emit.node("Mul", [lowerExpm1(emit, x, dtype, shape.length), factor]);
    return emit.node("Where", [emit.node("Greater", [x, zero]), x, scaled]);
  },
  vmap: (inputs, _, attributes) => apply(eluOp, inputs, attributes),
};

/** In float64 alpha e^x, which y + alpha gives to few digits far out; it is not evaluated where it would overflow. */
function eluSlope(x: Tensor, y: Tensor, alpha: number): Tensor {
  const positive = greater(x, 0);
  return where(positive, 1, x.dtype === "f32" ? add(y, alpha) : mul(exp(where(positive, 0, x)), alpha));
}

/** ELU: x for x > 0, otherwise alpha (e^x - 1); elu'(0) = alpha (Clevert, Unterthiner & Hochreiter 2015). */
export function elu(x: Tensor, options: { readonly alpha?: number } = {}): Tensor {
  checkOptions("elu", options, ["alpha"]);
  const { alpha = 1 } = options;
  checkFinite({ "elu: alpha": alpha });
  return apply(eluOp, [x], { alpha });
}

/** Leaky ReLU: x for x > 0, otherwise slope x; the derivative at 0 is the slope. */
export function leakyRelu(x: Tensor, options: { readonly slope?: number } = {}): Tensor {
  checkOptions("leakyRelu", options, ["slope"]);
  const { slope = 0.01 } = options;
  checkFinite({ "leakyRelu: slope": slope });
  return mul(x, where(greater(x, 0), scalar(1, floatType("leakyRelu", x)), slope));
}

const clipOp: Op<{ readonly low: number; readonly high: number }> = {
  name: "clip",
  type: ([x]) => ({ dtype: floatType("clip", x), shape: x.shape }),
  vjp: ({ inputs: [x], output }, cotangent) => [where(equal(x, output), cotangent, 0)],
  jvp: ({ inputs: [x], output }, [tangent]) => tangent && where(equal(x, output), tangent, 0),
  lower: (emit, [x], { inputs: [{ dtype }], attributes: { low, high } }) =>
    emit.node("Clip", [x, emit.scalar(dtype, low, 0), emit.scalar(dtype, high, 0)]),
  vmap: (inputs, _, attributes) => apply(clipOp, inputs, attributes),
};

/**
 * x clipped to [low, high]; the derivative is 1 for low <= x <= high and 0 elsewhere. Bounds may be infinite.
 *
 * @throws GraphError unless low < high
 */
export function clip(x: Tensor, low: number, high: number): Tensor {
  if (!(low < high)) throw new GraphError(`clip: low must be less than high, got ${low} and ${high}`);
  return apply(clipOp, [x], { low, high });
}
