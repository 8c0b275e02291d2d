import { type DType, isFloat } from "../../dtype.ts";
import { clip, elu, gelu, leakyRelu } from "../../ops/activations.ts";
import { add, atan2, div, maximum, minimum, mul, pow, sub } from "../../ops/arithmetic.ts";
import {
  and,
  equal,
  greater,
  greaterEqual,
  isNan,
  less,
  lessEqual,
  not,
  or,
  xor,
} from "../../ops/compare.ts";
import { cosh, sinh, tan } from "../../ops/hyperbolic.ts";
import { ceil, floor, remainder, round } from "../../ops/rounding.ts";
import { cast, where } from "../../ops/select.ts";
import {
  abs,
  cos,
  erf,
  exp,
  log,
  neg,
  reciprocal,
  relu,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  tanh,
} from "../../ops/unary.ts";
import { scalar, type Tensor } from "../../tensor.ts";
import { narrowIntegers } from "../narrow-integers.ts";
import { type NodeCall, type Operator, throughFloat } from "../node-call.ts";

const unary =
  (f: (x: Tensor) => Tensor): Operator =>
  (call) =>
    throughFloat(call.input(0), f);

const binary =
  (f: (a: Tensor, b: Tensor) => Tensor): Operator =>
  (call) =>
    f(call.input(0), call.input(1));

const several =
  (f: (a: Tensor, b: Tensor) => Tensor): Operator =>
  (call) =>
    call.inputs.reduce(f);

/** Integer powers are computed in float64 and are exact up to 2^53. */
function power(base: Tensor, exponent: Tensor): Tensor {
  const { dtype } = base;
  if (isFloat(dtype)) return pow(base, cast(exponent, dtype));
  return cast(pow(cast(base, "f64"), cast(exponent, "f64")), dtype);
}

/** The remainder; with fmod 1, that with the sign of the dividend. */
const modulo: Operator = (call) => {
  const [a, b] = [call.input(0), call.input(1)];
  if (call.int("fmod", 0) === 0) return remainder(a, b);
  const size = (x: Tensor) => maximum(x, sub(0, x));
  const r = remainder(size(a), size(b));
  return where(less(a, 0), sub(0, r), r);
};

/** The inverse functions that the graph lacks, by those that it has. */
const asin = (x: Tensor) => atan2(x, sqrt(mul(sub(1, x), add(x, 1))));
const acos = (x: Tensor) => atan2(sqrt(mul(sub(1, x), add(x, 1))), x);
const atan = (x: Tensor) => atan2(x, scalar(1, x.dtype));
/** log(x + sqrt(x^2 + 1)) of the magnitude, which loses no digits for negative x. */
const asinh = (x: Tensor) => mul(sign(x), log(add(abs(x), sqrt(add(mul(x, x), 1)))));
const acosh = (x: Tensor) => log(add(x, sqrt(sub(mul(x, x), 1))));
const atanh = (x: Tensor) => mul(log(div(add(x, 1), sub(1, x))), 0.5);

/** Bounds below and above, each of which may be missing. */
const clipTo: Operator = (call) => {
  const x = call.input(0);
  if (call.opset < 11) {
    const [low, high] = [call.float("min", -3.4028234663852886e38), call.float("max", 3.4028234663852886e38)];
    return clip(x, low, high);
  }
  const low = call.optional(1);
  const high = call.optional(2);
  const lifted = low ? maximum(x, low) : x;
  return high ? minimum(lifted, high) : lifted;
};

const thresholded: Operator = (call) => {
  const x = call.input(0);
  return where(greater(x, call.float("alpha", 1)), x, 0);
};

function selu(call: NodeCall): Tensor {
  const alpha = call.float("alpha", 1.6732632423543772);
  return mul(elu(call.input(0), { alpha }), call.float("gamma", 1.0507009873554805));
}

/** ELU of x / alpha, scaled by it (Barron 2017). */
function celu(call: NodeCall): Tensor {
  const alpha = call.float("alpha", 1);
  return mul(elu(div(call.input(0), alpha)), alpha);
}

const hardSigmoid = (x: Tensor, alpha: number, beta: number) => clip(add(mul(x, alpha), beta), 0, 1);

function shrink(call: NodeCall): Tensor {
  const [bias, edge] = [call.float("bias", 0), call.float("lambd", 0.5)];
  return throughFloat(call.input(0), (x) =>
    where(less(x, -edge), add(x, bias), where(greater(x, edge), sub(x, bias), 0)),
  );
}

function prelu(call: NodeCall): Tensor {
  const [x, slope] = [call.input(0), call.input(1)];
  return where(less(x, 0), mul(x, slope), x);
}

/** GELU, exact or by the hyperbolic tangent. */
function geluOf(call: NodeCall): Tensor {
  const x = call.input(0);
  if (call.text("approximate", "none") === "none") return gelu(x);
  const inner = mul(add(x, mul(mul(x, mul(x, x)), 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
}

/**
 * Converts the element type. Among integers nothing changes but the type's name; conversions to 8 and 16 bits wrap
 * around, as those of ONNX Runtime do.
 */
const castTo: Operator = (call) => {
  const to = call.int("to") ?? call.refuse("attribute to is missing");
  const x = call.input(0);
  const whole = castElement(x, call.importer.elementType(to, `${call.label}: to`));
  const range = narrowIntegers(to);
  if (!range || x.dtype === "bool") return whole;
  const { count, least } = range;
  return least === 0 ? remainder(whole, count) : add(remainder(sub(whole, least), count), least);
};

function castElement(x: Tensor, dtype: DType): Tensor {
  // Any number but 0 is true.
  if (dtype === "bool" && x.dtype !== "bool") return not(equal(x, 0));
  return cast(x, dtype);
}

const isInfinite: Operator = (call) => {
  const x = call.input(0);
  const above = equal(x, Number.POSITIVE_INFINITY);
  const below = equal(x, Number.NEGATIVE_INFINITY);
  const [positive, negative] = [call.int("detect_positive", 1), call.int("detect_negative", 1)];
  if (positive && negative) return or(above, below);
  if (positive) return above;
  return negative ? below : xor(above, above);
};

export const elementwise: Readonly<Record<string, Operator>> = {
  Abs: (call) => throughFloat(call.input(0), abs),
  Acos: unary(acos),
  Acosh: unary(acosh),
  Add: binary(add),
  And: binary(and),
  Asin: unary(asin),
  Asinh: unary(asinh),
  Atan: unary(atan),
  Atanh: unary(atanh),
  Cast: castTo,
  CastLike: (call) => castElement(call.input(0), call.input(1).dtype),
  Ceil: unary(ceil),
  Celu: celu,
  Clip: clipTo,
  Cos: unary(cos),
  Cosh: unary(cosh),
  Div: binary(div),
  Elu: (call) => elu(call.input(0), { alpha: call.float("alpha", 1) }),
  Equal: binary((a, b) => (a.dtype === "bool" ? not(xor(a, b)) : equal(a, b))),
  Erf: unary(erf),
  Exp: unary(exp),
  Floor: unary(floor),
  Gelu: geluOf,
  Greater: binary(greater),
  GreaterOrEqual: binary(greaterEqual),
  HardSigmoid: (call) => hardSigmoid(call.input(0), call.float("alpha", 0.2), call.float("beta", 0.5)),
  HardSwish: (call) => mul(call.input(0), hardSigmoid(call.input(0), 1 / 6, 0.5)),
  Identity: (call) => call.value(0),
  IsInf: isInfinite,
  IsNaN: (call) => isNan(call.input(0)),
  LeakyRelu: (call) => leakyRelu(call.input(0), { slope: call.float("alpha", 0.01) }),
  Less: binary(less),
  LessOrEqual: binary(lessEqual),
  Log: unary(log),
  Max: several(maximum),
  Mean: (call) => div(call.inputs.reduce(add), call.values.length),
  Min: several(minimum),
  Mish: (call) => mul(call.input(0), tanh(softplus(call.input(0)))),
  Mod: modulo,
  Mul: binary(mul),
  Neg: (call) => (isFloat(call.input(0).dtype) ? neg(call.input(0)) : sub(0, call.input(0))),
  Not: (call) => not(call.input(0)),
  Or: binary(or),
  PRelu: prelu,
  Pow: (call) => power(call.input(0), call.input(1)),
  Reciprocal: unary(reciprocal),
  Relu: (call) => (isFloat(call.input(0).dtype) ? relu(call.input(0)) : maximum(call.input(0), 0)),
  Round: unary(round),
  Selu: selu,
  Shrink: shrink,
  Sigmoid: unary(sigmoid),
  Sign: (call) => throughFloat(call.input(0), sign),
  Sin: unary(sin),
  Sinh: unary(sinh),
  Softplus: unary(softplus),
  Softsign: (call) => div(call.input(0), add(abs(call.input(0)), 1)),
  Sqrt: unary(sqrt),
  Sub: binary(sub),
  Sum: several(add),
  Swish: (call) => mul(call.input(0), sigmoid(mul(call.input(0), call.float("alpha", 1)))),
  Tan: unary(tan),
  Tanh: unary(tanh),
  ThresholdedRelu: thresholded,
  Where: (call) => where(call.input(0), call.input(1), call.input(2)),
  Xor: binary(xor),
};
