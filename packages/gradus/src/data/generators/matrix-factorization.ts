import { zerosOf } from "../../check/arrays.ts";
import { checkPositiveInteger, checkWithin } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";

export interface MatrixFactorizationOptions {
  /** Number of rows. */
  readonly n: number;
  readonly inputs?: number;
  readonly outputs?: number;
  /** Scale of the last output, in (0, 1]; scales fall linearly from 1 at the first output. */
  readonly smallestScale?: number;
  readonly seed: number;
}

/** Rows and their images under an ill-conditioned matrix. */
export interface MatrixFactorizationRows {
  /** n x inputs, standard normal. */
  readonly x: DenseMatrix;
  /** n x outputs, y = A x. */
  readonly y: DenseMatrix;
  /** outputs x inputs. */
  readonly A: DenseMatrix;
}

/**
 * Regression of y = A x on standard normal x, where row k of A is uniform on [0, 1) times a scale that falls linearly
 * from 1 to `smallestScale`: a matrix-factorization problem for a two-layer linear network.
 * Source: after Vaswani et al. 2019, section 7.3.
 *
 * @throws ArgumentError when a size is not a positive integer or the scale is not in (0, 1], or for an unknown option
 */
export function matrixFactorization(options: MatrixFactorizationOptions): MatrixFactorizationRows {
  checkGivenOptions("matrixFactorization", options, ["n", "inputs", "outputs", "smallestScale", "seed"]);
  const { n, inputs = 6, outputs = 10, smallestScale = 1e-10, seed } = options;
  checkPositiveInteger({ n, inputs, outputs });
  checkWithin("(0, 1]", { smallestScale });
  const stream = randomStream(seed);
  const A = stream.split("matrix").fillUniform(zerosOf({ outputs, inputs }));
  for (let k = 0; k < outputs; k++) {
    const scale = outputs === 1 ? 1 : 1 + ((smallestScale - 1) * k) / (outputs - 1);
    for (let j = 0; j < inputs; j++) A[k * inputs + j] *= scale;
  }
  const x = stream.split("inputs").fillNormal(zerosOf({ n, inputs }));
  const y = zerosOf({ n, outputs });
  for (let i = 0; i < n; i++)
    for (let k = 0; k < outputs; k++)
      for (let j = 0; j < inputs; j++) y[i * outputs + k] += A[k * inputs + j] * x[i * inputs + j];
  return {
    x: { rows: n, columns: inputs, values: x },
    y: { rows: n, columns: outputs, values: y },
    A: { rows: outputs, columns: inputs, values: A },
  };
}
