import type { Emitter } from "../onnx/emit.ts";
import { type Application, apply, floatType, type Op, type Tensor } from "../tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { lowerErf, lowerErfc } from "./erf.ts";
import { lowerExpm1 } from "./expm1.ts";

type Lowering = (emit: Emitter, x: string, dtype: "f32" | "f64", rank: number) => string;

/** A function of one variable: `derivative(x, y)` is dy/dx given the input x and the output y. */
function unary(
  name: string,
  lowering: string | Lowering,
  derivative: (x: Tensor, y: Tensor) => Tensor | number,
): Op<undefined> {
  const scaled = ({ inputs: [x], output }: Application<undefined>, by: Tensor) =>
    mul(by, derivative(x, output));
  const op: Op<undefined> = {
    name,
    type: ([x]) => ({ dtype: floatType(name, x), shape: x.shape }),
    vjp: (application, cotangent) => [scaled(application, cotangent)],
    jvp: (application, [tangent]) => tangent && scaled(application, tangent),
    lower: (emit, [x], { inputs }) =>
      typeof lowering === "string"
        ? emit.node(lowering, [x])
        : lowering(emit, x, floatType(name, inputs[0]), inputs[0].shape.length),
    vmap: (inputs) => apply(op, inputs, undefined),
  };
  return op;
}

/**
 * log(1 + x) to working precision for small x: with u = fl(1 + x), log(u) x / (u - 1) (Kahan), and x where u is 1. The
 * quotient comes first, as log(u) x may overflow, and is 1 where the addition is exact, as of infinity.
 */
const lowerLog1p: Lowering = (emit, x, dtype, rank) => {
  const one = emit.scalar(dtype, 1, rank);
  const u = emit.node("Add", [x, one]);
  const rounded = emit.node("Equal", [u, one]);
  const difference = emit.node("Sub", [u, one]);
  // Where u rounds to 1 the quotient would be x/0: divide by 1 there; that branch is not selected.
  const quotient = emit.node("Div", [x, emit.node("Where", [rounded, one, difference])]);
  const factor = emit.node("Where", [emit.node("Equal", [difference, x]), one, quotient]);
  return emit.node("Where", [rounded, x, emit.node("Mul", [emit.node("Log", [u]), factor])]);
};

/**
 * log(1 + e^x) = relu(x) + log1p(t) with t = e^-|x| in (0, 1]. There log1p(t) = log(u) - ((u - 1) - t)/u with
 * u = fl(1 + t): the second term undoes the rounding of u.
 */
const lowerSoftplus: Lowering = (emit, x, dtype, rank) => {
  const one = emit.scalar(dtype, 1, rank);
  const t = emit.node("Exp", [emit.node("Neg", [emit.node("Abs", [x])])]);
  const u = emit.node("Add", [t, one]);
  const rounding = emit.node("Sub", [emit.node("Sub", [u, one]), t]);
  const log1p = emit.node("Sub", [emit.node("Log", [u]), emit.node("Div", [rounding, u])]);
  return emit.node("Add", [emit.node("Relu", [x]), log1p]);
};

/**
 * 1 for x > 0, 0 for x = 0 and NaN for NaN, of x >= 0, in one pass. In float32 it is min(max(2^127 x, 0), 1), whose kernel
 * is the faster one: of subnormal x below 2^-127 alone, that is 2^127 x.
 */
const lowerStep: Lowering = (emit, x, dtype) =>
  dtype === "f32" ? emit.node("HardSigmoid", [x], { alpha: 2 ** 127, beta: 0 }) : emit.node("Sign", [x]);

export const unaryOps = {
  neg: unary("neg", "Neg", () => -1),
  exp: unary("exp", "Exp", (_, y) => y),
  expm1: unary("expm1", lowerExpm1, (x) => exp(x)),
  log: unary("log", "Log", (x) => div(1, x)),
  log1p: unary("log1p", lowerLog1p, (x) => div(1, add(x, 1))),
  reciprocal: unary("reciprocal", "Reciprocal", (_, y) => neg(square(y))),
  sqrt: unary("sqrt", "Sqrt", (_, y) => div(0.5, y)),
  square: unary(
    "square",
    (emit, x) => emit.node("Mul", [x, x]),
    (x) => mul(x, 2),
  ),
  abs: unary("abs", "Abs", (x) => sign(x)),
  sign: unary("sign", "Sign", () => 0),
  sin: unary("sin", "Sin", (x) => cos(x)),
  cos: unary("cos", "Cos", (x) => neg(sin(x))),
  erf: unary("erf", lowerErf, (x) => erfSlope(x)),
  erfc: unary("erfc", lowerErfc, (x) => neg(erfSlope(x))),
  tanh: unary("tanh", "Tanh", (_, y) => sub(1, square(y))),
  // The kernel is used in float32; simplification rewrites float64 with an exponential, since the kernel is not
  // accurate there. 1 - y cancels near y = 1, which is harmless in float32, where y itself is no more accurate.
  sigmoid: unary("sigmoid", "Sigmoid", (x, y) => mul(y, x.dtype === "f32" ? sub(1, y) : sigmoid(neg(x)))),
  softplus: unary("softplus", lowerSoftplus, (x) => sigmoid(x)),
  step: unary("step", lowerStep, () => 0),
  relu: unary("relu", "Relu", (_, y) => step(y)),
};

const unaryFunction = (op: Op<undefined>) => (x: Tensor) => apply(op, [x], undefined);

/** erf'(x) = 2/sqrt(pi) e^(-x^2), with the factor in the exponent: one pass less. */
function erfSlope(x: Tensor): Tensor {
  return exp(sub(Math.log(2 / Math.sqrt(Math.PI)), square(x)));
}

/** -x. */
export const neg = unaryFunction(unaryOps.neg);
/** e^x. */
export const exp = unaryFunction(unaryOps.exp);
/** e^x - 1, accurate for small x. */
export const expm1 = unaryFunction(unaryOps.expm1);
/** 1 for x > 0, otherwise 0; derivative 0. */
const step = unaryFunction(unaryOps.step);
/** Natural logarithm. */
export const log = unaryFunction(unaryOps.log);
/** log(1 + x), accurate for small x. */
export const log1p = unaryFunction(unaryOps.log1p);
/** 1/x. */
export const reciprocal = unaryFunction(unaryOps.reciprocal);
/** Square root. */
export const sqrt = unaryFunction(unaryOps.sqrt);
/** x^2. */
export const square = unaryFunction(unaryOps.square);
/** |x|; abs'(0) = 0. */
export const abs = unaryFunction(unaryOps.abs);
/** The sign of x: -1, 0 or 1; derivative 0. */
export const sign = unaryFunction(unaryOps.sign);
/** sin x, in radians. */
export const sin = unaryFunction(unaryOps.sin);
/** cos x, in radians. */
export const cos = unaryFunction(unaryOps.cos);
/** The error function 2/sqrt(pi) integral_0^x e^(-t^2) dt. */
export const erf = unaryFunction(unaryOps.erf);
/** The complementary error function 1 - erf(x), with full relative precision for large x. */
export const erfc = unaryFunction(unaryOps.erfc);
/** Hyperbolic tangent. */
export const tanh = unaryFunction(unaryOps.tanh);
/**
 * The logistic function 1/(1 + e^-x), in float64 with full relative precision for negative x. In float32 its absolute
 * precision is that of a number near 1: below about -18 it is 0. `softplus` and losses of logits keep what is lost there.
 */
export const sigmoid = unaryFunction(unaryOps.sigmoid);
/** log(1 + e^x) without overflow, with full relative precision. */
export const softplus = unaryFunction(unaryOps.softplus);
/** max(x, 0); relu'(0) = 0, and relu'(NaN) is NaN (PyTorch has 1 there). */
export const relu = unaryFunction(unaryOps.relu);
/** x^(-1/2). */
export const rsqrt = (x: Tensor) => reciprocal(sqrt(x));
