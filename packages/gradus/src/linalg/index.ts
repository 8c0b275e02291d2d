export { multiply, multiplyTransposed } from "./dense.ts";
export { type Cholesky, cholesky, choleskyLogDeterminant, choleskySolve } from "./factorize/cholesky.ts";
export { NotPositiveDefiniteError, SingularMatrixError } from "./factorize/errors.ts";
export { luDeterminant, luFactorize, luSolve } from "./factorize/lu.ts";
export { qrApply, qrApplyAdjoint, qrFactorize, qrOrthonormal, qrRank, qrUpper } from "./factorize/qr.ts";
export { singularValueDecomposition, singularValues } from "./factorize/singular-values.ts";
export { symmetricEigen } from "./factorize/symmetric-eigen.ts";
export { symmetricEigenvalues } from "./factorize/symmetric-eigenvalues.ts";
export { solveLower, solveLowerTransposed, solveUpper } from "./factorize/triangular.ts";
export { tridiagonalEigen } from "./factorize/tridiagonal-eigen.ts";
export { type ConjugateGradientState, conjugateGradient } from "./krylov/conjugate-gradient.ts";
export { extremeEigenpairs } from "./krylov/extreme-eigenpairs.ts";
export { gmres } from "./krylov/gmres.ts";
export { lanczos } from "./krylov/lanczos.ts";
export { lsmr } from "./krylov/lsmr.ts";
export { minres } from "./krylov/minres.ts";
export { powerIteration } from "./krylov/power-iteration.ts";
export { ritzPairs, ritzValues } from "./krylov/ritz.ts";
export { solveLeastSquares, solveLeastSquaresBySvd } from "./least-squares.ts";
export {
  composeOperators,
  deflateOperator,
  scaleOperator,
  shiftOperator,
  sumOperators,
  transposeOperator,
} from "./operator/combine.ts";
export { adjointProduct, type LinearOperator, operatorEntries } from "./operator/contract.ts";
export {
  cscOperator,
  csrOperator,
  denseOperator,
  diagonalOperator,
  identityOperator,
  lowRankOperator,
} from "./operator/matrices.ts";
export { orthogonalize } from "./orthogonalize.ts";
export { factoredPreconditioner, incompleteCholesky } from "./precondition/incomplete-cholesky.ts";
export { jacobiPreconditioner } from "./precondition/jacobi.ts";
export { type Sketch, sketchMatrix } from "./sketch/contract.ts";
export { gaussianSketch } from "./sketch/gaussian.ts";
export { hadamardSketch, walshHadamard } from "./sketch/hadamard.ts";
export { rowSketch } from "./sketch/rows.ts";
export { sparseSignSketch } from "./sketch/sparse-sign.ts";
export { checkCsr, csrFromDense, csrFromRows, csrFromTriplets } from "./sparse/build.ts";
export {
  cscAddColumn,
  cscColumnDot,
  cscColumnNorms,
  cscMultiply,
  cscMultiplyTransposed,
  cscToCsr,
  csrToCsc,
} from "./sparse/csc.ts";
export {
  type CsrMatrix,
  csrAddRow,
  csrColumnNorms,
  csrDiagonal,
  csrMultiply,
  csrMultiplyTransposed,
  csrRowDot,
  csrRowNorms,
  csrSelectRows,
  csrToDense,
  csrTranspose,
} from "./sparse/csr.ts";
export { randomizedRange, randomizedSvd } from "./svd/randomized.ts";
export { truncatedSvd } from "./svd/truncated.ts";
export { axpy, compensatedSum, dot, norm2 } from "./vector.ts";
export { woodburySolve } from "./woodbury.ts";
