import { DataError } from "../check/errors.ts";
import { checkFinite } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { checkSquare } from "../linalg/square.ts";
import { designMap } from "./design-map.ts";
import { type DesignMatrix, rowNumbers } from "./design-matrix.ts";
import { checkPoint, type SmoothObjective } from "./objective.ts";

/**
 * A quadratic function  f(x) = 1/2 x^T A x - c^T x + f0;  g = A x - c, H = A.
 *
 * @param A n x n, symmetric, dense or sparse
 * @param c n numbers; zeros without it
 * @param constant f0
 * @throws ArgumentError when sizes do not fit
 * @throws DataError when a number is not finite or A is not symmetric (to 1e-8 of its largest entry)
 */
export function quadratic(
  A: DesignMatrix,
  c: ArrayLike<number> = new Float64Array(A.columns),
  options: { constant?: number } = {},
): SmoothObjective {
  checkOptions("quadratic", options, ["constant"]);
  const { constant = 0 } = options;
  const map = designMap(A);
  const { columns: n } = map;
  checkSquare(map);
  checkFinite({ constant });
  const linear = rowNumbers(c, n, "c");
  checkSymmetric(map.product, map.adjoint, n, largestSize(A.values));

  function product(v: Float64Array): Float64Array<ArrayBuffer> {
    const result = new Float64Array(n);
    map.product(v, result);
    return result;
  }

  function valueAndGradient(x: Float64Array): { value: number; gradient: Float64Array } {
    checkPoint(x, n);
    const gradient = product(x);
    let value = 0;
    for (let j = 0; j < n; j++) {
      value += x[j] * (gradient[j] / 2 - linear[j]);
      gradient[j] -= linear[j];
    }
    return { value: value + constant, gradient };
  }

  return {
    dimension: n,
    value: (x) => valueAndGradient(x).value,
    gradient: (x) => valueAndGradient(x).gradient,
    valueAndGradient,
    hessianVectorProduct(_, v) {
      checkPoint(v, n, "v");
      return product(v);
    },
    hessian: () => ({ rows: n, columns: n, values: map.entries() }),
  };
}

function largestSize(values: Float64Array): number {
  let largest = 0;
  for (let k = 0; k < values.length; k++) largest = Math.max(largest, Math.abs(values[k]));
  return largest;
}

type Product = (v: Float64Array, out: Float64Array) => void;

// Products with fixed probes without special relations tell A from its transpose at the cost of a few passes.
function checkSymmetric(product: Product, adjoint: Product, n: number, largest: number): void {
  const probe = Float64Array.from({ length: n }, (_, j) => Math.sin(1 + 12.9898 * j));
  const [forward, backward] = [new Float64Array(n), new Float64Array(n)];
  product(probe, forward);
  adjoint(probe, backward);
  for (let j = 0; j < n; j++)
    if (!(Math.abs(forward[j] - backward[j]) <= 1e-8 * largest * Math.sqrt(n)))
      throw new DataError(`A must be symmetric; row ${j} differs from column ${j}`);
}
