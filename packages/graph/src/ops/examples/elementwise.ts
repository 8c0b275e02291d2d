import * as ops from "../index.ts";
import { binary, type Example, unary } from "./reference.ts";

/** The Taylor series of erf, which converges well where the examples lie. */
function erf(x: number): number {
  let [sum, term] = [0, x];
  for (let k = 0; k < 60; k++) {
    sum += term / (2 * k + 1);
    term *= -(x ** 2) / (k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const truth = (x: boolean) => (x ? 1 : 0);
const logical = (example: Example): Example => ({ ...example, differentiable: false });
const positive = (x: number) => x > 0;
const both = (g: (a: boolean, b: boolean) => boolean) => (a: number, b: number) =>
  truth(g(positive(a), positive(b)));

export const elementwise = {
  abs: unary(ops.abs, Math.abs, "awayFromZero"),
  add: binary(ops.add, (a, b) => a + b),
  and: logical(
    binary(
      (a, b) => ops.and(ops.greater(a, 0), ops.greater(b, 0)),
      both((a, b) => a && b),
    ),
  ),
  atan2: binary(ops.atan2, Math.atan2, "awayFromZero"),
  ceil: unary(ops.ceil, Math.ceil),
  clip: unary(
    (x) => ops.clip(x, -0.2, 0.2),
    (x) => Math.min(Math.max(x, -0.2), 0.2),
    "awayFromZero",
  ),
  cos: unary(ops.cos, Math.cos),
  cosh: unary(ops.cosh, Math.cosh),
  div: binary(ops.div, (a, b) => a / b, "awayFromZero"),
  elu: unary(
    (x) => ops.elu(x, { alpha: 0.7 }),
    (x) => (x > 0 ? x : 0.7 * Math.expm1(x)),
    "awayFromZero",
  ),
  equal: logical(
    unary(
      (x) => ops.equal(ops.floor(x), 0),
      (x) => truth(Math.floor(x) === 0),
    ),
  ),
  erf: unary(ops.erf, erf),
  erfc: unary(ops.erfc, (x) => 1 - erf(x)),
  exp: unary(ops.exp, Math.exp),
  expm1: unary(ops.expm1, Math.expm1),
  finite: logical(
    unary(
      (x) => ops.finite(ops.log(x)),
      (x) => truth(x > 0),
    ),
  ),
  floor: unary(ops.floor, Math.floor),
  gelu: unary(ops.gelu, (x) => (x / 2) * (1 + erf(x / Math.SQRT2))),
  greater: logical(binary(ops.greater, (a, b) => truth(a > b))),
  greaterEqual: logical(binary(ops.greaterEqual, (a, b) => truth(a >= b))),
  isNan: logical(
    unary(
      (x) => ops.isNan(ops.log(x)),
      (x) => truth(x < 0),
    ),
  ),
  leakyRelu: unary(
    (x) => ops.leakyRelu(x, { slope: 0.2 }),
    (x) => (x > 0 ? x : 0.2 * x),
    "awayFromZero",
  ),
  less: logical(binary(ops.less, (a, b) => truth(a < b))),
  lessEqual: logical(binary(ops.lessEqual, (a, b) => truth(a <= b))),
  log: unary(ops.log, Math.log, "positive"),
  log1p: unary(ops.log1p, Math.log1p, "aboveMinusOne"),
  maximum: binary(ops.maximum, Math.max),
  minimum: binary(ops.minimum, Math.min),
  mul: binary(ops.mul, (a, b) => a * b),
  neg: unary(ops.neg, (x) => -x),
  not: logical(
    unary(
      (x) => ops.not(ops.greater(x, 0)),
      (x) => truth(x <= 0),
    ),
  ),
  notEqual: logical(
    unary(
      (x) => ops.notEqual(ops.floor(x), 0),
      (x) => truth(Math.floor(x) !== 0),
    ),
  ),
  or: logical(
    binary(
      (a, b) => ops.or(ops.greater(a, 0), ops.greater(b, 0)),
      both((a, b) => a || b),
    ),
  ),
  pow: binary(
    (a, b) => ops.add(ops.pow(a, b), ops.pow(a, -1.5)),
    (a, b) => a ** b + a ** -1.5,
    "positive",
  ),
  reciprocal: unary(ops.reciprocal, (x) => 1 / x, "awayFromZero"),
  relu: unary(ops.relu, (x) => Math.max(x, 0), "awayFromZero"),
  remainder: binary(
    (a, b) => ops.remainder(ops.mul(a, 1.7), b),
    (a, b) => 1.7 * a - b * Math.floor((1.7 * a) / b),
    "awayFromZero",
  ),
  round: unary(ops.round, Math.round),
  rsqrt: unary(ops.rsqrt, (x) => 1 / Math.sqrt(x), "positive"),
  sigmoid: unary(ops.sigmoid, sigmoid),
  sign: unary(ops.sign, Math.sign, "awayFromZero"),
  silu: unary(ops.silu, (x) => x * sigmoid(x)),
  sin: unary(ops.sin, Math.sin),
  sinh: unary(ops.sinh, Math.sinh),
  softplus: unary(ops.softplus, (x) => Math.log(1 + Math.exp(x))),
  sqrt: unary(ops.sqrt, Math.sqrt, "positive"),
  square: unary(ops.square, (x) => x * x),
  sub: binary(ops.sub, (a, b) => a - b),
  tan: unary(
    (x) => ops.tan(ops.mul(x, 0.8)),
    (x) => Math.tan(0.8 * x),
  ),
  tanh: unary(ops.tanh, Math.tanh),
  where: binary((a, b) => ops.where(ops.greater(a, b), a, b), Math.max),
  xor: logical(
    binary(
      (a, b) => ops.xor(ops.greater(a, 0), ops.greater(b, 0)),
      both((a, b) => a !== b),
    ),
  ),
} satisfies Record<string, Example>;
