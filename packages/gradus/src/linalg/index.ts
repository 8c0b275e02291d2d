// Linear algebra in float64. Matrices are plain data, dense (`DenseMatrix`, row-major) or sparse (`CsrMatrix`);
// iterative methods also take a `LinearOperator`, which is known by its products alone. Eigenvalues and singular values
// come in descending order everywhere, the largest first, whichever end of a spectrum was asked for.

// Matrices and vectors

export { type DenseMatrix, denseMatrix, type Matrix } from "./matrix.ts";
export { multiply, multiplyTransposed } from "./multiply.ts";
export { orthogonalize } from "./orthogonalize.ts";
export { checkCsr, csrFromDense, csrFromRows, csrFromTriplets } from "./sparse/build.ts";
export { type CsrMatrix, csrRowNorms, csrToDense } from "./sparse/csr.ts";
export { axpy, dot, norm2 } from "./vector.ts";

// Linear operators

export {
  composeOperators,
  deflateOperator,
  scaleOperator,
  shiftOperator,
  sumOperators,
  transposeOperator,
} from "./operator/combine.ts";
export { type LinearOperator, operatorEntries } from "./operator/contract.ts";
export { matrixOperator } from "./operator/matrix-operator.ts";
export { diagonalOperator, identityOperator, lowRankOperator } from "./operator/structured.ts";

// Factorizations

export { type Cholesky, cholesky, choleskyLogDeterminant, choleskySolve } from "./factorize/cholesky.ts";
export { NotPositiveDefiniteError, SingularMatrixError } from "./factorize/errors.ts";
export { luDeterminant, luFactorize, luSolve } from "./factorize/lu.ts";
export { qrApply, qrApplyAdjoint, qrFactorize, qrOrthonormal, qrRank, qrUpper } from "./factorize/qr.ts";
export { solveLower, solveLowerTransposed, solveUpper } from "./factorize/triangular.ts";
export { woodburySolve } from "./woodbury.ts";

// Least squares

export { solveLeastSquares, solveLeastSquaresBySvd } from "./least-squares.ts";

// Eigenvalues and singular values

export { singularValueDecomposition, singularValues } from "./factorize/singular-values.ts";
export { symmetricEigen } from "./factorize/symmetric-eigen.ts";
export { symmetricEigenvalues } from "./factorize/symmetric-eigenvalues.ts";
export { tridiagonalEigen } from "./factorize/tridiagonal-eigen.ts";
export { extremeEigenpairs } from "./krylov/extreme-eigenpairs.ts";
export { lanczos } from "./krylov/lanczos.ts";
export { powerIteration } from "./krylov/power-iteration.ts";
export { ritzPairs, ritzValues } from "./krylov/ritz.ts";
export { spectralRadius } from "./krylov/spectral-radius.ts";
export { randomizedRange, randomizedSvd } from "./svd/randomized.ts";
export { truncatedSvd } from "./svd/truncated.ts";

// Krylov methods for linear systems

export { type ConjugateGradientState, conjugateGradient } from "./krylov/conjugate-gradient.ts";
export { gmres } from "./krylov/gmres.ts";
export { lsmr } from "./krylov/lsmr.ts";
export { minres } from "./krylov/minres.ts";

// Preconditioners

export { factoredPreconditioner, incompleteCholesky } from "./precondition/incomplete-cholesky.ts";
export { jacobiPreconditioner } from "./precondition/jacobi.ts";

// Sketches

export { type Sketch, sketchMatrix } from "./sketch/contract.ts";
export { gaussianSketch } from "./sketch/gaussian.ts";
export { hadamardSketch } from "./sketch/hadamard.ts";
export { rowSketch } from "./sketch/rows.ts";
export { sparseSignSketch } from "./sketch/sparse-sign.ts";
