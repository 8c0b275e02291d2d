import { ArgumentError } from "../../check/errors.ts";
import { checkOptions } from "../../check/options.ts";
import { type Cholesky, cholesky, choleskySolve } from "../factorize/cholesky.ts";
import { NotPositiveDefiniteError } from "../factorize/errors.ts";
import { checkVector, preconditionerOf } from "../krylov/linear-system.ts";
import { denseMatrix } from "../matrix.ts";
import { after, type LinearOperator } from "../operator/contract.ts";
import { type OperatorOrMatrix, symmetricOperatorOf } from "../operator/matrix-operator.ts";
import { axpy, dot } from "../vector.ts";

export interface DeflationOptions {
  /** M^-1 on the rest of the space, symmetric positive definite; the identity by default. */
  readonly preconditioner?: OperatorOrMatrix;
}

/** What deflates conjugate gradients for one matrix. */
export interface Deflation {
  readonly preconditioner: LinearOperator;
  /** x0 = Q L^-1 Q^T b, whose residual is orthogonal to the vectors. */
  start(b: Float64Array): Float64Array;
}

/** Less of a vector than this share, in A's norm, outside the vectors before it is rounding. */
const DEPENDENT = 1e-12;

/** The factor of L = Q^T A Q. */
function factorOf(vectors: readonly Float64Array[], images: readonly Float64Array[]): Cholesky {
  const k = vectors.length;
  const products = Float64Array.from({ length: k * k }, (_, at) =>
    dot(vectors[Math.floor(at / k)], images[at % k]),
  );
  const refused = (j: number, cause?: Error) =>
    new ArgumentError(
      `vectors must be linearly independent and outside the null space of A: vectors[${j}] is a combination of those before it and of the null space, to rounding`,
      { cause },
    );
  try {
    const factor = cholesky(denseMatrix(products, k, k));
    for (let j = 0; j < k; j++)
      if (factor.L.values[j * (k + 1)] ** 2 <= DEPENDENT * products[j * (k + 1)]) throw refused(j);
    return factor;
  } catch (error) {
    throw error instanceof NotPositiveDefiniteError ? refused(error.pivot, error) : error;
  }
}

/**
 * Deflation of conjugate gradients by vectors Q, approximate eigenvectors of the smallest eigenvalues say, which the
 * iterations then need not find:
 *
 *     B = P M^-1 P^T + Q L^-1 Q^T,   P = I - Q L^-1 (A Q)^T,   L = Q^T A Q
 *
 * With B as preconditioner and from x0 = Q L^-1 Q^T b, `conjugateGradient` is deflated conjugate gradients: all
 * residuals stay orthogonal to Q. From any other point it converges too, since B is positive definite. Takes one product
 * per vector; an application of B takes 4 n flops per vector four times besides M^-1.
 * Source: Saad, Yeung, Erhel & Guyomarc'h 2000, "A deflated version of the conjugate gradient algorithm".
 *
 * @param matrix A, symmetric positive (semi)definite, n x n: a matrix, or an operator that says so
 * @param vectors k linearly independent vectors of n numbers; not copied
 * @throws ArgumentError, DataError when something does not fit, is not symmetric or not finite, Q^T A Q is singular, or
 *   an option is unknown
 */
export async function deflation(
  matrix: OperatorOrMatrix,
  vectors: readonly Float64Array[],
  options: DeflationOptions = {},
): Promise<Deflation> {
  const A = symmetricOperatorOf("A", matrix);
  const n = A.rows;
  checkOptions("deflation", options, ["preconditioner"]);
  if (vectors.length === 0) throw new ArgumentError("vectors must have at least one vector, got none");
  for (const [j, q] of vectors.entries()) checkVector(`vectors[${j}]`, q, n);
  const inverse = preconditionerOf(options.preconditioner, n, symmetricOperatorOf);
  const images: Float64Array[] = [];
  for (const q of vectors) {
    const image = new Float64Array(n);
    await A.apply(q, image);
    images.push(image);
  }
  const factor = factorOf(vectors, images);
  /** L^-1 V^T x. */
  const coefficients = (V: readonly Float64Array[], x: Float64Array) =>
    choleskySolve(
      factor,
      Float64Array.from(V, (v) => dot(v, x)),
    );
  const rest = new Float64Array(n);
  return {
    preconditioner: {
      rows: n,
      columns: n,
      symmetric: true,
      apply(r, out) {
        const within = coefficients(vectors, r);
        rest.set(r);
        for (const [j, image] of images.entries()) axpy(-within[j], image, rest);
        return after(inverse ? inverse.apply(rest, out) : out.set(rest), () => {
          const taken = coefficients(images, out);
          for (const [j, q] of vectors.entries()) axpy(within[j] - taken[j], q, out);
        });
      },
    },
    start(b) {
      checkVector("b", b, n);
      const x0 = new Float64Array(n);
      const within = coefficients(vectors, b);
      for (const [j, q] of vectors.entries()) axpy(within[j], q, x0);
      return x0;
    },
  };
}
