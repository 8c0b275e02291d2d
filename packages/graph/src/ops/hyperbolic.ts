import type { Tensor } from "../tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { cos, expm1, neg, sin, square } from "./unary.ts";

/** Hyperbolic sine (e^x - e^-x)/2, accurate for small x; infinite where e^x overflows. */
export function sinh(x: Tensor): Tensor {
  return mul(sub(expm1(x), expm1(neg(x))), 0.5);
}

/** Hyperbolic cosine, as 1 + 2 sinh(x/2)^2: its derivative is accurate for small x, too. */
export function cosh(x: Tensor): Tensor {
  return add(mul(square(sinh(mul(x, 0.5))), 2), 1);
}

/** Tangent sin(x)/cos(x); near a pole it is as accurate as x. */
export function tan(x: Tensor): Tensor {
  return div(sin(x), cos(x));
}
