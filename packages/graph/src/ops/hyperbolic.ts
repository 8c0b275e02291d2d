import type { Tensor } from "../tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { cos, exp, expm1, neg, sin } from "./unary.ts";

/** (e^x - e^-x)/2, precise for small x; infinite where e^x is. */
export function sinh(x: Tensor): Tensor {
  return mul(sub(expm1(x), expm1(neg(x))), 0.5);
}

/** (e^x + e^-x)/2; infinite where e^x is. */
export function cosh(x: Tensor): Tensor {
  return mul(add(exp(x), exp(neg(x))), 0.5);
}

/** sin(x)/cos(x); near a pole as precise as x is. */
export function tan(x: Tensor): Tensor {
  return div(sin(x), cos(x));
}
