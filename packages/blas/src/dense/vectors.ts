import { checkedLength, checkVector } from "../matrix.ts";
import { checkNumber } from "../options.ts";

// Operations of level 1 stay outside of WebAssembly memory: copying a vector there costs as much as they do. Sums are
// kept in four parts, so that an addition does not wait for the one before it.

/** The inner product  sum_i x_i y_i. DDOT of BLAS. */
export function dot(x: Float64Array, y: Float64Array): number {
  checkVector("y", y, checkedLength("x", x));
  const fours = x.length - (x.length % 4);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = 0;
  for (; i < fours; i += 4) {
    s0 += x[i] * y[i];
    s1 += x[i + 1] * y[i + 1];
    s2 += x[i + 2] * y[i + 2];
    s3 += x[i + 3] * y[i + 3];
  }
  let sum = s0 + s1 + (s2 + s3);
  for (; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

/** y = alpha x + y; at alpha = 0, x is not read. DAXPY of BLAS. */
export function axpy(alpha: number, x: Float64Array, y: Float64Array): Float64Array {
  checkNumber("alpha", alpha);
  checkVector("y", y, checkedLength("x", x));
  if (alpha === 0) return y;
  for (let i = 0; i < x.length; i++) y[i] += alpha * x[i];
  return y;
}

/** x = alpha x. DSCAL of BLAS. */
export function scal(alpha: number, x: Float64Array): Float64Array {
  checkNumber("alpha", alpha);
  checkedLength("x", x);
  for (let i = 0; i < x.length; i++) x[i] *= alpha;
  return x;
}

/** The sum of |x_i|. DASUM of BLAS. */
export function asum(x: Float64Array): number {
  checkedLength("x", x);
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.abs(x[i]);
  return sum;
}

/** The index of the first entry of largest absolute value, or of the first NaN; -1 of no entries. IDAMAX of BLAS. */
export function iamax(x: Float64Array): number {
  checkedLength("x", x);
  let best = x.length === 0 ? -1 : 0;
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(x[i])) return i;
    if (Math.abs(x[i]) > Math.abs(x[best])) best = i;
  }
  return best;
}

/** Squares of smaller numbers lose digits. */
const SMALLEST_SUM = 2 ** -960;

/**
 * The Euclidean norm, without overflow or underflow of the squares: where their sum leaves the safe range, it is taken
 * again of the numbers over the largest of them. DNRM2 of BLAS.
 */
export function nrm2(x: Float64Array): number {
  const squares = dot(x, x);
  if (squares > SMALLEST_SUM && squares < Number.POSITIVE_INFINITY) return Math.sqrt(squares);
  if (Number.isNaN(squares) || x.length === 0) return squares;
  const largest = Math.abs(x[iamax(x)]);
  if (largest === 0 || largest === Number.POSITIVE_INFINITY) return largest;
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const part = x[i] / largest;
    sum += part * part;
  }
  return largest * Math.sqrt(sum);
}
