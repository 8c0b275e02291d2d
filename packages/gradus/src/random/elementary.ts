// Logarithm and exponential from additions, multiplications and divisions alone. IEEE 754 fixes the result of each
// of those to the last bit; ECMAScript leaves Math.log and Math.exp to the engine, and engines do differ.

const LN2_HIGH = 0.6931471803691238; // the first 33 bits of ln 2: integer multiples up to 2^20 are exact
const LN2_LOW = 1.9082149292705877e-10;
const ODD_RECIPROCALS = Float64Array.from({ length: 10 }, (_, i) => 1 / (2 * i + 3)); // 1/3 .. 1/21
const RECIPROCALS = Float64Array.from({ length: 14 }, (_, i) => 1 / i);

const view = new DataView(new ArrayBuffer(8));

function powerOfTwo(exponent: number): number {
  view.setUint32(0, (exponent + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}

/**
 * Natural logarithm, the same bits in every engine; within 1 ulp or so of the exact value.
 *
 *     x = 2^k (1 + f),  s = f / (2 + f),  ln(1 + f) = f - s (f - 2 (s^2/3 + s^4/5 + ...))
 *
 * @param x a number >= 0; 0 gives -Infinity
 */
export function portableLog(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return x > 0 ? x : Number.NaN;
  let k = 0;
  view.setFloat64(0, x);
  if (view.getUint32(0) < 0x00100000) {
    view.setFloat64(0, x * 2 ** 54); // subnormal
    k = -54;
  }
  const high = view.getUint32(0);
  k += (high >>> 20) - 1023;
  view.setUint32(0, (high & 0x000fffff) | 0x3ff00000);
  let m = view.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    k += 1;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  let series = ODD_RECIPROCALS[9];
  for (let i = 8; i >= 0; i--) series = series * z + ODD_RECIPROCALS[i];
  return k * LN2_HIGH + (f - (s * (f - 2 * z * series) - k * LN2_LOW));
}

/**
 * Exponential, the same bits in every engine; within 1 ulp or so of the exact value.
 *
 *     x = k ln 2 + r,  |r| <= ln(2)/2,  e^x = 2^k (1 + r + r^2/2! + ... + r^13/13!)
 */
export function portableExp(x: number): number {
  if (x > 709.7827128933841) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019412) return 0;
  const k = Math.round(x * Math.LOG2E);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let series = 1;
  for (let order = 13; order >= 2; order--) series = 1 + r * RECIPROCALS[order] * series;
  // two factors, because 2^k alone leaves the normal range at either end
  const half = k >> 1;
  return (1 + r * series) * powerOfTwo(half) * powerOfTwo(k - half);
}
