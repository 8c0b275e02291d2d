/** From here on a mantissa is halved: sqrt(2), to 20 bits. */
const HIGH = 1 + 434_332 / 2 ** 20;
/** Between these mantissas, f is so large that f^2 / 2 is rounded for itself. */
const [FAR, FAR_END] = [1 + 398_458 / 2 ** 20, 1 + 440_402 / 2 ** 20];
const NEAR = 2 ** -20;

/** ln 2 in two parts: the product of the first with a whole number is exact. */
const [LN2_HIGH, LN2_LOW] = [0.6931471803691238, 1.9082149292705877e-10];

/**
 * ln x of x >= 1, NaN and infinity, with an error below one unit in the last place: the same bits in every engine, which
 * `Math.log` does not promise. With x = 2^k (1 + f), s = f / (2 + f): ln(1 + f) = f - s (f - R), R = 2 s^2/3 + 2 s^4/5 + ..
 * as a polynomial of least error.
 * Source: FreeBSD's msun, e_log.c, whose coefficients these are.
 */
export function logarithm(x: number): number {
  if (!(x < Number.POSITIVE_INFINITY)) return x;
  let k = 0;
  let mantissa = x;
  for (; mantissa >= HIGH; mantissa *= 0.5) k += 1;
  const f = mantissa - 1;
  const low = k * LN2_LOW;
  if (f >= -NEAR && f < NEAR) return k * LN2_HIGH - (f * f * (0.5 - f * (1 / 3)) - low - f);
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd =
    z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const rest = odd + even;
  const whole = mantissa < 1 ? 2 * mantissa : mantissa;
  if (whole >= FAR && whole < FAR_END) {
    const half = 0.5 * f * f;
    return k * LN2_HIGH - (half - (s * (half + rest) + low) - f);
  }
  return k * LN2_HIGH - (s * (f - rest) - low - f);
}
