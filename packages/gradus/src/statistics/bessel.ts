/** Above it the asymptotic series reaches rounding before its terms grow. */
const LARGE = 30;

/**
 * e^(-x) I_order(x) of the modified Bessel functions of order 0 and 1 for x >= 0, to a few units of rounding: power
 * series up to 30, whose terms are all positive, and the asymptotic series above.
 * Source: Abramowitz & Stegun 1964, equations 9.6.10 and 9.7.1.
 */
export function scaledBesselI(order: 0 | 1, x: number): number {
  if (x <= LARGE) {
    const quarter = (x * x) / 4;
    let term = order === 0 ? 1 : x / 2;
    let sum = 0;
    for (let k = 1; sum + term !== sum; k++) {
      sum += term;
      term *= quarter / (k * (k + order));
    }
    return Math.exp(-x) * sum;
  }
  const mu = 4 * order * order;
  let term = 1;
  let sum = 0;
  for (let k = 1; sum + term !== sum; k++) {
    sum += term;
    term *= ((2 * k - 1) ** 2 - mu) / (8 * k * x);
  }
  return sum / Math.sqrt(2 * Math.PI * x);
}
