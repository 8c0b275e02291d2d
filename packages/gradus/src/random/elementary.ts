// Logarithm and exponential from additions, multiplications and divisions only. IEEE 754 specifies these to the last
// bit; ECMAScript leaves Math.log and Math.exp to the engine, and engines differ.

const LN2_HIGH = 0.6931471803691238; // the first 33 bits of ln 2: integer multiples up to 2^20 are exact
const LN2_LOW = 1.9082149292705877e-10;
const SMALLEST_NORMAL = 2 ** -1022;
const RECIPROCALS = Float64Array.from({ length: 14 }, (_, i) => 1 / i);

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
float[0] = 1;
const HIGH = words[1] === 0 ? 0 : 1; // the word with sign and exponent depends on the machine's byte order

// 2^-1023 .. 2^1023, by exact halving and doubling
const POWERS = new Float64Array(2047).fill(1);
for (let k = 1; k <= 1023; k++) {
  POWERS[1023 + k] = POWERS[1022 + k] * 2;
  POWERS[1023 - k] = POWERS[1024 - k] / 2;
}

/** 2^exponent for an integer exponent in -1023 .. 1023. */
function powerOfTwo(exponent: number): number {
  return POWERS[exponent + 1023];
}

/**
 * Natural logarithm with the same bits in every engine, accurate to about 1 ulp.
 *
 *     x = 2^k (1 + f),  s = f / (2 + f),  ln(1 + f) = f - s (f - 2 (s^2/3 + s^4/5 + ...))
 *
 * @param x a number >= 0; 0 gives -Infinity
 */
export function portableLog(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return x > 0 ? x : Number.NaN;
  const scaled = x < SMALLEST_NORMAL ? x * 2 ** 54 : x;
  float[0] = scaled;
  const exponent = (words[HIGH] >>> 20) - 1023;
  let k = x < SMALLEST_NORMAL ? exponent - 54 : exponent;
  let m = scaled * powerOfTwo(-exponent);
  if (m > Math.SQRT2) {
    m /= 2;
    k += 1;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  let series = 1 / 21; // unrolled: the logarithm takes most of the time of a normal variate
  series = series * z + 1 / 19;
  series = series * z + 1 / 17;
  series = series * z + 1 / 15;
  series = series * z + 1 / 13;
  series = series * z + 1 / 11;
  series = series * z + 1 / 9;
  series = series * z + 1 / 7;
  series = series * z + 1 / 5;
  series = series * z + 1 / 3;
  return k * LN2_HIGH + (f - (s * (f - 2 * z * series) - k * LN2_LOW));
}

/**
 * Exponential with the same bits in every engine, accurate to about 1 ulp.
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
