import { denseMatrix } from "../../linalg/matrix.ts";
import { type LinearOperator, operatorEntries } from "../../linalg/operator/contract.ts";
import { type HessianModel, hessianOperator } from "../../objectives/hessian-model.ts";
import type { InnerProduct } from "../descent/metric.ts";
import { type InnerSolve, type RegularizedSolve, regularizedSolve } from "./regularized-solve.ts";

/** Largest order of a matrix that is formed by products: factorizing it again and again costs as much as products do. */
const LARGEST_FORMED = 500;

/** Steps for many lambda at one iterate. */
export interface RepeatedSolve {
  readonly operator: LinearOperator;
  /** As `RegularizedSolve`, which counts in `products`. */
  solveAt(lambda: number): ReturnType<RegularizedSolve>;
  /** Products so far, of an operator. */
  products(): number;
}

/** (A + A^T) / 2: products agree with their transposes up to rounding, which float32 shows. */
function symmetricPart(A: Float64Array, n: number): Float64Array {
  return A.map((entry, k) => (entry + A[(k % n) * n + Math.floor(k / n)]) / 2);
}

/**
 * `regularizedSolve` for methods that solve for many lambda at one iterate. An operator's matrix is formed, by n products,
 * once conjugate gradients have spent as many: whatever it takes, that is at most twice the products of the better way.
 */
export function repeatedSolve(
  model: HessianModel,
  metric: InnerProduct,
  g: Float64Array,
  inner: InnerSolve,
): RepeatedSolve {
  const { dimension: n } = metric;
  const given = hessianOperator(model, n);
  const spent = { products: 0 };
  const operator: LinearOperator = {
    ...given,
    apply: (v, out) => {
      spent.products += 1;
      return given.apply(v, out);
    },
  };
  const products = () => spent.products;
  let solveAt = regularizedSolve(model, metric, g, inner);
  if (model.kind !== "operator")
    return { operator: given, solveAt: (lambda) => solveAt(lambda, spent), products };

  let formed = n > LARGEST_FORMED;
  return {
    operator,
    products,
    async solveAt(lambda) {
      if (!formed && spent.products >= n) {
        const matrix = denseMatrix(symmetricPart((await operatorEntries(operator)).values, n), n, n);
        solveAt = regularizedSolve({ kind: "dense", matrix }, metric, g, inner);
        formed = true;
      }
      return solveAt(lambda, spent);
    },
  };
}
