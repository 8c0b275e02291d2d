// Orthogonal reductions and what is made of them in plain JavaScript: reflections by whole rows, as memory lies.

/** Numbers beside each other, or below each other, in a row-major array. */
interface Strip {
  readonly at: number;
  readonly step: number;
  readonly count: number;
}

/**
 * Overwrites the first number of x with beta and the others with the tail of v, whose head is 1, such that
 * (I - tau v v^T) x = beta e_1; returns tau. Source: Golub & Van Loan 2013, "Matrix Computations", algorithm 5.1.1.
 */
function makeReflection(a: Float64Array, { at, step, count }: Strip): number {
  let square = 0;
  for (let i = 1; i < count; i++) square += a[at + i * step] ** 2;
  if (square === 0) return 0;
  const alpha = a[at];
  const beta = -Math.sign(alpha || 1) * Math.sqrt(alpha * alpha + square);
  for (let i = 1; i < count; i++) a[at + i * step] /= alpha - beta;
  a[at] = beta;
  return (beta - alpha) / beta;
}

/** Reflects column k of an m x n matrix from row k on, and the columns to its right. */
function reflectColumn(m: number, n: number, k: number, a: Float64Array, products: Float64Array): void {
  const tau = makeReflection(a, { at: k * n + k, step: n, count: m - k });
  for (let j = k + 1; j < n; j++) products[j] = a[k * n + j];
  for (let i = k + 1; i < m; i++) {
    const v = a[i * n + k];
    for (let j = k + 1; j < n; j++) products[j] += v * a[i * n + j];
  }
  for (let j = k + 1; j < n; j++) a[k * n + j] -= tau * products[j];
  for (let i = k + 1; i < m; i++) {
    const factor = tau * a[i * n + k];
    for (let j = k + 1; j < n; j++) a[i * n + j] -= factor * products[j];
  }
}

/** A = Q R, m x n with m >= n: R on and above the diagonal, the reflections below. */
export function qrFactor(m: number, n: number, a: Float64Array): void {
  const products = new Float64Array(n);
  for (let k = 0; k < n; k++) reflectColumn(m, n, k, a, products);
}

/** Subtracts from row i, from column `from` on, its part along v, whose head is 1 and whose tail is at `tail`. */
function reflectRow(
  n: number,
  row: number,
  from: number,
  target: Float64Array,
  tau: number,
  v: Float64Array,
  tail: number,
): void {
  let sum = target[row + from];
  for (let j = from + 1; j < n; j++) sum += target[row + j] * v[tail + j];
  target[row + from] -= tau * sum;
  for (let j = from + 1; j < n; j++) target[row + j] -= tau * sum * v[tail + j];
}

/**
 * Eigenvalues, in any order, of the symmetric tridiagonal matrix with this diagonal, overwritten by them, by the QL
 * method with implicit shifts. Rows of `vectors`, n numbers each, are rotated along.
 * Source: Parlett 1998, "The Symmetric Eigenvalue Problem", chapter 8.
 *
 * @param beside the numbers beside the diagonal, and one more; overwritten
 */
function tridiagonalEigen(diagonal: Float64Array, beside: Float64Array, vectors?: Float64Array): void {
  const n = diagonal.length;
  let size = 0;
  for (let i = 0; i < n; i++) size = Math.max(size, Math.abs(diagonal[i]) + Math.abs(beside[i]));
  for (let first = 0; first < n; first++)
    for (;;) {
      let last = first;
      while (last < n - 1 && Math.abs(beside[last]) > Number.EPSILON * size) last += 1;
      if (last === first) break;
      const half = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]);
      const root = Math.sqrt(half * half + 1);
      let g = diagonal[last] - diagonal[first] + beside[first] / (half < 0 ? half - root : half + root);
      let [s, c, p] = [1, 1, 0];
      let i = last - 1;
      for (; i >= first; i--) {
        const f = s * beside[i];
        const b = c * beside[i];
        const r = Math.sqrt(f * f + g * g);
        beside[i + 1] = r;
        if (r === 0) break;
        s = f / r;
        c = g / r;
        g = diagonal[i + 1] - p;
        const t = (diagonal[i] - g) * s + 2 * c * b;
        p = s * t;
        diagonal[i + 1] = g + p;
        g = c * t - b;
        if (vectors) rotateRows(n, i * n, vectors, c, s);
      }
      if (i >= first) diagonal[i + 1] -= p;
      else {
        diagonal[first] -= p;
        beside[first] = g;
      }
      beside[last] = 0;
    }
}

/** Rotates the row at `row` and the next one. */
function rotateRows(n: number, row: number, a: Float64Array, c: number, s: number): void {
  for (let k = row; k < row + n; k++) {
    const upper = a[k];
    const lower = a[k + n];
    a[k + n] = s * upper + c * lower;
    a[k] = c * upper - s * lower;
  }
}

/**
 * The eigenvalues of a symmetric matrix, which is overwritten, by reduction to tridiagonal form.
 *
 * @param values n numbers, written in any order
 * @param vectors n x n, written: row i is the eigenvector of value i
 */
export function symmetricEigen(
  n: number,
  a: Float64Array,
  values: Float64Array,
  vectors: Float64Array,
): void {
  const [beside, taus, w] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k + 1 < n; k++) {
    // v stands in row k, which is column k too, from column k + 1 on
    const row = k * n;
    const from = k + 1;
    const tau = makeReflection(a, { at: row + from, step: 1, count: n - from });
    taus[k] = tau;
    beside[k] = a[row + from];
    a[row + from] = 1;
    let product = 0;
    for (let i = from; i < n; i++) {
      let sum = 0;
      for (let j = from; j < n; j++) sum += a[i * n + j] * a[row + j];
      w[i] = tau * sum;
      product += w[i] * a[row + i];
    }
    for (let i = from; i < n; i++) w[i] -= (tau / 2) * product * a[row + i];
    for (let i = from; i < n; i++)
      for (let j = from; j < n; j++) a[i * n + j] -= a[row + i] * w[j] + w[i] * a[row + j];
  }
  vectors.fill(0);
  for (let i = 0; i < n; i++) {
    vectors[i * (n + 1)] = 1;
    values[i] = a[i * (n + 1)];
  }
  for (let k = n - 2; k >= 0; k--)
    for (let i = k + 1; i < n; i++) reflectRow(n, i * n, k + 1, vectors, taus[k], a, k * n);
  tridiagonalEigen(values, beside, vectors);
}

/**
 * The singular values of a square matrix, which is overwritten, by reduction to an upper bidiagonal matrix B: they and
 * their negatives are the eigenvalues of a tridiagonal matrix of order 2 n with zeros on the diagonal and the entries of B
 * beside it. Source: Golub & Kahan 1965, "Calculating the Singular Values and Pseudo-Inverse of a Matrix".
 *
 * @returns 2 n numbers, in any order
 */
export function singularPairs(n: number, a: Float64Array): Float64Array {
  const [products, beside] = [new Float64Array(n), new Float64Array(2 * n)];
  for (let k = 0; k < n; k++) {
    const row = k * n;
    reflectColumn(n, n, k, a, products);
    beside[2 * k] = a[row + k];
    if (k + 1 === n) break;
    const tau = makeReflection(a, { at: row + k + 1, step: 1, count: n - k - 1 });
    beside[2 * k + 1] = a[row + k + 1];
    for (let i = k + 1; i < n; i++) reflectRow(n, i * n, k + 1, a, tau, a, row);
  }
  const values = new Float64Array(2 * n);
  tridiagonalEigen(values, beside);
  return values;
}
