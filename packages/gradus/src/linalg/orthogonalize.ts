import { ArgumentError } from "../check/errors.ts";
import { axpy, dot, norm2 } from "./vector.ts";

/** v <- v - (a^T v) a - (b^T v) b - (c^T v) c - (d^T v) d, in two passes over memory; a .. d are orthonormal. */
function projectOutFour(
  v: Float64Array,
  [a, b, c, d]: readonly Float64Array[],
  components: Float64Array,
): void {
  const n = v.length;
  if (a.length !== n || b.length !== n || c.length !== n || d.length !== n)
    throw new ArgumentError("the vectors must have the same length");
  let alpha = 0;
  let beta = 0;
  let gamma = 0;
  let delta = 0;
  for (let i = 0; i < n; i++) {
    const value = v[i];
    alpha += a[i] * value;
    beta += b[i] * value;
    gamma += c[i] * value;
    delta += d[i] * value;
  }
  for (let i = 0; i < n; i++) v[i] -= alpha * a[i] + beta * b[i] + (gamma * c[i] + delta * d[i]);
  components[0] = alpha;
  components[1] = beta;
  components[2] = gamma;
  components[3] = delta;
}

/**
 * v <- v - Q (Q^T v) for an orthonormal Q, four vectors of Q at a time: modified Gram-Schmidt between the fours,
 * classical within them, which reads v a quarter as often.
 *
 * @param coefficients where given, Q^T v is added to it
 */
function pass(v: Float64Array, basis: readonly Float64Array[], count: number, coefficients?: Float64Array) {
  const components = new Float64Array(4);
  let j = 0;
  for (; j + 4 <= count; j += 4) {
    projectOutFour(v, [basis[j], basis[j + 1], basis[j + 2], basis[j + 3]], components);
    if (coefficients) for (let k = 0; k < 4; k++) coefficients[j + k] += components[k];
  }
  for (; j < count; j++) {
    const component = dot(basis[j], v);
    axpy(-component, basis[j], v);
    if (coefficients) coefficients[j] += component;
  }
}

/** v <- v - Q (Q^T v) for the first `count` vectors of an orthonormal Q, once. */
export function projectOut(v: Float64Array, basis: readonly Float64Array[], count = basis.length): void {
  pass(v, basis, count);
}

/** Where less of a vector is left than this share, the rounding errors of what was taken away show. */
const ENOUGH_LEFT = Math.SQRT1_2;

/**
 * Makes v orthogonal to an orthonormal basis to working precision: Gram-Schmidt, and once more where the first pass
 * took away much of v. Twice is enough.
 * Source: Daniel, Gragg, Kaufman & Stewart 1976, "Reorthogonalization and stable algorithms for updating the
 * Gram-Schmidt QR factorization"; Giraud, Langou, Rozloznik & van den Eshof 2005 for why twice is enough.
 *
 * @param coefficients where given, Q^T v of the v that came in
 */
export function orthogonalize(
  v: Float64Array,
  basis: readonly Float64Array[],
  coefficients?: Float64Array,
): void {
  orthogonalizeBy(() => pass(v, basis, basis.length, coefficients), v, coefficients);
}

/**
 * The same by a pass of one's own.
 *
 * @param project v <- v - Q (Q^T v); adds Q^T v to the coefficients
 */
export function orthogonalizeBy(project: () => void, v: Float64Array, coefficients?: Float64Array): void {
  coefficients?.fill(0);
  const before = norm2(v);
  project();
  if (norm2(v) < ENOUGH_LEFT * before) project();
}
