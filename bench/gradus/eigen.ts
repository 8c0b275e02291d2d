import { denseMatrix, symmetricEigen, symmetricEigenvalues } from "gradus/linalg";
import type { Inputs } from "../input-files.ts";
import type { Runner } from "../worker.ts";

/** The eigenvalues of the symmetric part of a random matrix, with vectors or alone. */
export function symmetricEigenproblem(inputs: Inputs, kind: "eigen" | "eigenvalues", order: number): Runner {
  const random = Float64Array.from(inputs[`eigen.${order}`].data, Number);
  const mean = (_: unknown, k: number) => {
    const [i, j] = [Math.floor(k / order), k % order];
    return (random[i * order + j] + random[j * order + i]) / 2;
  };
  const A = denseMatrix(Float64Array.from({ length: order * order }, mean), order, order);
  const call = () => (kind === "eigen" ? symmetricEigen(A).values : symmetricEigenvalues(A));
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    check() {
      const values = call();
      return [values[0], values[order - 1], values.reduce((sum, value) => sum + Math.abs(value), 0)];
    },
  };
}
