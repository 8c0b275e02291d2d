import { gemm, gemv, residentMatrix } from "@gradus/blas/dense";
import { denseMatrix, luFactorize, luSolve, solvePositiveDefinite } from "gradus/linalg";
import type { Inputs } from "../input-files.ts";
import type { Runner } from "../worker.ts";

export type DenseKind = "gemm" | "gemv" | "cholesky" | "lu";

const norm = (values: Float64Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** Each call does the whole of the operation; a check is what it gives. */
export function denseOperation(inputs: Inputs, kind: DenseKind, order: number): Runner {
  const numbers = (name: string) => Float64Array.from(inputs[`dense.${order}.${name}`].data, Number);
  const random = numbers("a");
  const A = denseMatrix(random, order, order);
  const x = numbers("x");
  const figuresOf = (values: Float64Array) => [norm(values), values[0], values[values.length - 1]];
  const runner = (call: () => unknown, check: () => number[]): Runner => ({
    reset() {},
    call,
    unitsPerCall: 1,
    check,
  });
  switch (kind) {
    case "gemm": {
      const call = () => gemm({ a: A, b: A });
      return runner(call, () => figuresOf(call().values));
    }
    case "gemv": {
      const a = residentMatrix(A);
      const call = () => gemv({ a, x });
      return runner(call, () => figuresOf(call()));
    }
    case "cholesky": {
      // Symmetric, with a diagonal that outweighs the rest.
      const definite = Float64Array.from(random, (value, k) => {
        const [i, j] = [Math.floor(k / order), k % order];
        return i === j ? 10 * order : value + random[j * order + i];
      });
      const matrix = denseMatrix(definite, order, order);
      const call = () => solvePositiveDefinite(matrix, x);
      return runner(call, () => figuresOf(call()));
    }
    case "lu": {
      const call = () => luFactorize(A);
      return runner(call, () => figuresOf(luSolve(call(), x)));
    }
  }
}
