import { ArgumentError } from "../check/errors.ts";
import { checkIntegerWithin } from "../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../check/options.ts";
import { matrixProduct } from "../linalg/dense-product.ts";
import { extremeEigenpairs } from "../linalg/krylov/extreme-eigenpairs.ts";
import { checkSquareDense, type DenseMatrix } from "../linalg/matrix.ts";
import { checkCrossKernel, kernelSpectrum } from "./kernel-spectrum.ts";

export interface KernelComponentsOptions {
  /** Number of components, those with the largest eigenvalues. */
  readonly count: number;
  /**
   * "dense" computes all eigenpairs; "lanczos", with full reorthogonalization, suits many points and few components.
   */
  readonly method?: "dense" | "lanczos";
  readonly signal?: AbortSignal;
}

/** Kernel principal components: functions along which the training error decays independently. */
export interface KernelComponents {
  /** Eigenvalues of K/N, descending. */
  readonly eigenvalues: Float64Array;
  /** f^(i) on the data, N numbers each, (1/N) sum_j f^(i)(x_j)^2 = 1; the entry of largest magnitude is positive. */
  readonly functions: readonly Float64Array[];
  /**
   * f^(i) at M further points from their kernel with the data, M x N: f^(i)(x) = K(x, X) f^(i)(X) / (N lambda_i).
   *
   * @throws ArgumentError when sizes do not match, or component `index` does not have a positive eigenvalue
   */
  extend(index: number, kernel: DenseMatrix): Float64Array;
}

function normalized(vector: Float64Array): Float64Array<ArrayBuffer> {
  let largest = 0;
  for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
  const scale = Math.sign(largest) * Math.sqrt(vector.length);
  return vector.map((value) => scale * value);
}

/**
 * The kernel principal components of a kernel matrix: the error of kernel gradient descent along f^(i) decays like
 * exp(-lambda_i t). Components are unique up to sign, and up to rotation for equal eigenvalues.
 * Source: Jacot, Gabriel & Hongler 2018, "Neural tangent kernel", section 5; Schölkopf, Smola & Müller 1998.
 *
 * @param K N x N
 * @throws ArgumentError unless K is square and count an integer in 1 .. N
 * @throws DataError when K is not finite, symmetric and positive semidefinite (Lanczos: finite and symmetric)
 */
export async function kernelComponents(
  K: DenseMatrix,
  options: KernelComponentsOptions,
): Promise<KernelComponents> {
  checkGivenOptions("kernelComponents", options, ["count", "method", "signal"]);
  const { count, method = "dense", signal } = options;
  const n = checkSquareDense("K", K);
  checkIntegerWithin(1, n, { count });
  checkOneOf(["dense", "lanczos"], { method });
  let eigenvalues: Float64Array;
  let vectors: Float64Array[];
  if (method === "dense") {
    const spectrum = kernelSpectrum("K", K);
    eigenvalues = spectrum.values.slice(0, count).map((value) => Math.max(value, 0) / n);
    vectors = Array.from({ length: count }, (_, j) =>
      Float64Array.from({ length: n }, (_, i) => spectrum.vectors.values[i * n + j]),
    );
  } else {
    const pairs = await extremeEigenpairs(K, {
      count,
      tolerance: 1e-12,
      signal,
    });
    eigenvalues = pairs.values.map((value) => value / n);
    vectors = [...pairs.vectors];
  }
  const functions = vectors.map(normalized);
  return {
    eigenvalues,
    functions,
    extend(index, kernel) {
      if (!Number.isInteger(index) || index < 0 || index >= count || !(eigenvalues[index] > 0))
        throw new ArgumentError(`index must refer to a component with a positive eigenvalue, got ${index}`);
      checkCrossKernel("kernel", kernel, n);
      return matrixProduct(kernel.values, functions[index], n).map(
        (value) => value / (n * eigenvalues[index]),
      );
    },
  };
}
