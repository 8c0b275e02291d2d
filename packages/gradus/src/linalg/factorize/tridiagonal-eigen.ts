import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";

/** Eigenvalues of a symmetric tridiagonal matrix and what was asked of its eigenvectors. */
export interface TridiagonalEigen {
  /** Descending. */
  readonly values: Float64Array;
  /** First component of each unit eigenvector; their squares are the weights of Gauss quadrature. */
  readonly first: Float64Array;
  /** Last component of each unit eigenvector; with the next coefficient, the residual of a Ritz pair. */
  readonly last: Float64Array;
  /** The unit eigenvectors, m numbers each, where `vectors` was asked for. */
  readonly vectors?: readonly Float64Array[];
}

const MOST_SWEEPS = 60;
/** Sweeps after which an entry counts as 0 beside the whole matrix, not only beside its neighbors. */
const PATIENCE = 30;

function hypotenuse(a: number, b: number): number {
  const [x, y] = [Math.abs(a), Math.abs(b)];
  const large = Math.max(x, y);
  if (large === 0) return 0;
  const ratio = Math.min(x, y) / large;
  return large * Math.sqrt(1 + ratio * ratio);
}

/**
 * Implicit QL with Wilkinson's shift. An off-diagonal entry counts as 0 beside its neighbors on the diagonal, which keeps
 * the digits of small eigenvalues of a graded matrix; among eigenvalues that are rounding themselves that may never come,
 * and then the size of the whole matrix decides. Rotates rows i and i + 1 of `components` along with the matrix, so that row i
 * ends as the asked components of eigenvector i.
 */
function implicitQl(d: Float64Array, e: Float64Array, components: readonly Float64Array[]): void {
  const n = d.length;
  let size = 0;
  for (let i = 0; i < n; i++) size = Math.max(size, Math.abs(d[i]) + Math.abs(e[i]));
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      const floor = sweep < PATIENCE ? 0 : Number.EPSILON * size;
      let m = l;
      while (
        m < n - 1 &&
        Math.abs(e[m]) > Math.max(floor, Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1])))
      )
        m += 1;
      if (m === l) break;
      if (sweep === MOST_SWEEPS)
        throw new ConvergenceError(
          `eigenvalue ${l} of the tridiagonal matrix took more than ${MOST_SWEEPS} sweeps`,
        );
      let g = (d[l + 1] - d[l]) / (2 * e[l]);
      const root = hypotenuse(g, 1);
      g = d[m] - d[l] + e[l] / (g + (g < 0 ? -root : root));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        const r = hypotenuse(f, g);
        e[i + 1] = r;
        if (r === 0) break;
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        const t = (d[i] - g) * s + 2 * c * b;
        p = s * t;
        d[i + 1] = g + p;
        g = c * t - b;
        const [lower, upper] = [components[i], components[i + 1]];
        for (let k = 0; k < lower.length; k++) {
          const z = upper[k];
          upper[k] = s * lower[k] + c * z;
          lower[k] = c * lower[k] - s * z;
        }
      }
      d[i < l ? l : i + 1] -= p;
      if (i < l) e[l] = g;
      e[m] = 0;
    }
  }
}

/**
 * Eigenvalues of the symmetric tridiagonal matrix with the given diagonal and off-diagonal, by implicit QL, and the
 * end components of its eigenvectors: O(m^2), or O(m^3) with whole vectors.
 * Source: Golub & Welsch 1969, "Calculation of Gauss quadrature rules"; Bowdler, Martin, Reinsch & Wilkinson 1968.
 *
 * In descending order of the eigenvalues.
 *
 * @param diagonal m numbers
 * @param offDiagonal m - 1 numbers, or more, of which the first m - 1 are read
 * @throws ArgumentError when there is no diagonal or too short an off-diagonal
 * @throws ConvergenceError when a number is not finite
 */
export function tridiagonalEigen(
  diagonal: Float64Array,
  offDiagonal: Float64Array,
  options: { vectors?: boolean } = {},
): TridiagonalEigen {
  checkOptions("tridiagonalEigen", options, ["vectors"]);
  const { vectors = false } = options;
  const m = diagonal.length;
  if (m === 0 || offDiagonal.length < m - 1)
    throw new ArgumentError(
      `diagonal must have m >= 1 numbers and offDiagonal m - 1, got ${m} and ${offDiagonal.length}`,
    );
  const d = diagonal.slice();
  const e = new Float64Array(m);
  e.set(offDiagonal.subarray(0, m - 1));
  for (let i = 0; i < m; i++)
    if (!Number.isFinite(d[i] + e[i]))
      throw new ConvergenceError(`row ${i} of the tridiagonal matrix is not finite: ${d[i]}, ${e[i]}`);
  const width = vectors ? m : 2;
  const components = Array.from({ length: m }, (_, i) => {
    const row = new Float64Array(width);
    if (vectors) row[i] = 1;
    else {
      if (i === 0) row[0] = 1;
      if (i === m - 1) row[1] = 1;
    }
    return row;
  });
  implicitQl(d, e, components);
  const order = Array.from(d.keys())
    .sort((a, b) => d[a] - d[b])
    .reverse();
  return {
    values: Float64Array.from(order, (i) => d[i]),
    first: Float64Array.from(order, (i) => components[i][0]),
    last: Float64Array.from(order, (i) => components[i][width - 1]),
    ...(vectors ? { vectors: order.map((i) => components[i]) } : {}),
  };
}
