import type { FloatType } from "../dtype.ts";
import type { Emitter } from "../onnx/emit.ts";

// Rational Chebyshev approximations: W. J. Cody (1969), Rational Chebyshev approximations for the error function,
// Mathematics of Computation 23, 631-637. Coefficients from the highest power down; each denominator starts with 1.

/** erf(x) = x R(x^2) for |x| <= 0.46875. */
const central = {
  numerator: [
    0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694,
  ],
  denominator: [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171],
};

/** erfc(x) = e^(-x^2) R(x) for 0.46875 <= x <= 4. */
const middle = {
  numerator: [
    2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
    881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
  ],
  denominator: [
    1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
    4362.619090143247, 3439.3676741437216, 1230.3393548037495,
  ],
};

/** erfc(x) = e^(-x^2)/x (1/sqrt(pi) - R(1/x^2)/x^2) for x >= 4. */
const tail = {
  numerator: [
    0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
    0.0006587491615298378,
  ],
  denominator: [
    1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
  ],
};

const INVERSE_SQRT_PI = 0.5641895835477563;
const CENTRAL_END = 0.46875;
const TAIL_START = 4;
/** From here on erfc is 0 in float64 (its smallest positive number is near erfc(27.2)), and erf is 1 from 6 on. */
const VANISHED = 28;
const SATURATED = 6;

type Rational = typeof central;

/** Shorthand for elementwise nodes on tensors of one type and rank. */
class Arithmetic {
  readonly #emit: Emitter;
  readonly #constant: (value: number) => string;

  constructor(emit: Emitter, dtype: FloatType, rank: number) {
    this.#emit = emit;
    this.#constant = (value) => emit.scalar(dtype, value, rank);
  }

  node(opType: string, ...operands: readonly (string | number)[]): string {
    return this.#emit.node(
      opType,
      operands.map((operand) => (typeof operand === "number" ? this.#constant(operand) : operand)),
    );
  }

  #polynomial(coefficients: readonly number[], z: string): string {
    const [highest, ...rest] = coefficients;
    return rest.reduce<string | number>(
      (sum, coefficient) => this.node("Add", sum === 1 ? z : this.node("Mul", sum, z), coefficient),
      highest,
    ) as string;
  }

  rational({ numerator, denominator }: Rational, z: string): string {
    return this.node("Div", this.#polynomial(numerator, z), this.#polynomial(denominator, z));
  }
}

/** erf in float64, for which ONNX Runtime has no kernel: relative error below 1e-15. */
export function lowerErf(emit: Emitter, x: string, dtype: FloatType, rank: number): string {
  if (dtype === "f32") return emit.node("Erf", [x]);
  const m = new Arithmetic(emit, dtype, rank);
  const y = m.node("Min", m.node("Abs", x), SATURATED);
  const square = m.node("Mul", y, y);
  const near = m.node("Mul", x, m.rational(central, square));
  // Beyond 4 the formula for [0.46875, 4] errs by less than 1e-9 of erfc(4) = 1.5e-8.
  const complement = m.node("Mul", m.node("Exp", m.node("Neg", square)), m.rational(middle, y));
  const far = m.node("Mul", m.node("Sign", x), m.node("Sub", 1, complement));
  return m.node("Where", m.node("LessOrEqual", y, CENTRAL_END), near, far);
}

/**
 * 1 - erf without cancellation. The rounding of x^2 would cost digits of e^(-x^2) far out, so that with s = x rounded
 * down to 1/16 it is e^(-s^2) e^(-(x - s)(x + s)), where s^2 is exact.
 */
export function lowerErfc(emit: Emitter, x: string, dtype: FloatType, rank: number): string {
  const m = new Arithmetic(emit, dtype, rank);
  const y = m.node("Min", m.node("Abs", x), VANISHED);
  const square = m.node("Mul", y, y);
  const s = m.node("Div", m.node("Floor", m.node("Mul", y, 16)), 16);
  const rest = m.node("Mul", m.node("Sub", s, y), m.node("Add", s, y));
  const decay = m.node("Mul", m.node("Exp", m.node("Neg", m.node("Mul", s, s))), m.node("Exp", rest));
  const z = m.node("Div", 1, m.node("Max", square, TAIL_START ** 2));
  const inTail = m.node(
    "Div",
    m.node("Sub", INVERSE_SQRT_PI, m.node("Mul", z, m.rational(tail, z))),
    m.node("Max", y, TAIL_START),
  );
  const scaled = m.node("Where", m.node("Greater", y, TAIL_START), inTail, m.rational(middle, y));
  const positive = m.node("Mul", decay, scaled);
  const far = m.node("Where", m.node("Less", x, 0), m.node("Sub", 2, positive), positive);
  const near = m.node("Sub", 1, m.node("Mul", x, m.rational(central, square)));
  return m.node("Where", m.node("LessOrEqual", y, CENTRAL_END), near, far);
}
