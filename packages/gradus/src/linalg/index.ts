// Linear algebra in float64. Matrices are plain data, dense (`DenseMatrix`, row-major) or sparse (`CsrMatrix`);
// iterative methods also take a `LinearOperator`, which is known by its products alone. Eigenvalues and singular values
// come in descending order everywhere, the largest first, whichever end of a spectrum is requested.

// Matrices and vectors

export { type DenseMatrix, denseMatrix, type Matrix } from "./matrix.ts";
export { multiply, multiplyTransposed } from "./multiply.ts";
export { orthogonalize } from "./orthogonalize.ts";
export { checkCsr, csrFromDense, csrFromRows, csrFromTriplets, type Triplets } from "./sparse/build.ts";
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
export {
  type CompiledStart,
  type CompiledVectors,
  type LinearOperator,
  operatorEntries,
} from "./operator/contract.ts";
export {
  type MatrixOperatorOptions,
  matrixOperator,
  type OperatorOrMatrix,
} from "./operator/matrix-operator.ts";
export { diagonalOperator, identityOperator, lowRankOperator } from "./operator/structured.ts";

// Factorizations

export {
  type Cholesky,
  cholesky,
  choleskyLogDeterminant,
  choleskySolve,
  solvePositiveDefinite,
} from "./factorize/cholesky.ts";
export { NotPositiveDefiniteError, SingularMatrixError } from "./factorize/errors.ts";
export {
  type LogDeterminant,
  type LowerUpper,
  luDeterminant,
  luFactorize,
  luSolve,
} from "./factorize/lu.ts";
export {
  type QrFactorization,
  qrApply,
  qrApplyAdjoint,
  qrFactorize,
  qrOrthonormal,
  qrRank,
  qrUpper,
} from "./factorize/qr.ts";
export { type RightSide, solveLower, solveLowerTransposed, solveUpper } from "./factorize/triangular.ts";
export { type LinearSolve, woodburySolve } from "./woodbury.ts";

// Least squares

export {
  type LeastSquaresOptions,
  type LeastSquaresSolution,
  type SvdLeastSquaresSolution,
  solveLeastSquares,
  solveLeastSquaresBySvd,
} from "./least-squares.ts";

// Eigenvalues and singular values

export {
  type SingularValueDecomposition,
  singularValueDecomposition,
  singularValues,
} from "./factorize/singular-values.ts";
export { type SymmetricEigen, symmetricEigen } from "./factorize/symmetric-eigen.ts";
export { symmetricEigenvalues } from "./factorize/symmetric-eigenvalues.ts";
export { type TridiagonalEigen, tridiagonalEigen } from "./factorize/tridiagonal-eigen.ts";
export {
  type ExtremeEigenpairs,
  type ExtremeEigenpairsOptions,
  extremeEigenpairs,
} from "./krylov/extreme-eigenpairs.ts";
export {
  type LanczosFactors,
  type LanczosIterate,
  type LanczosOptions,
  type LanczosState,
  type LanczosView,
  lanczos,
} from "./krylov/lanczos.ts";
export {
  type PowerIterationIterate,
  type PowerIterationOptions,
  type PowerIterationState,
  type PowerIterationView,
  powerIteration,
} from "./krylov/power-iteration.ts";
export { type RitzPairs, type RitzValues, ritzPairs, ritzValues } from "./krylov/ritz.ts";
export { type SpectralRadius, type SpectralRadiusOptions, spectralRadius } from "./krylov/spectral-radius.ts";
export {
  type RandomizedRangeOptions,
  type RandomizedSvdOptions,
  randomizedRange,
  randomizedSvd,
} from "./svd/randomized.ts";
export { type TruncatedSvd, type TruncatedSvdOptions, truncatedSvd } from "./svd/truncated.ts";

// Krylov methods for linear systems

export { conjugateGradient } from "./krylov/conjugate-gradient.ts";
export type {
  ConjugateGradientIterate,
  ConjugateGradientOutcome,
  ConjugateGradientState,
  ConjugateGradientVectors,
  ConjugateGradientView,
} from "./krylov/conjugate-gradient-state.ts";
export {
  type GmresIterate,
  type GmresOptions,
  type GmresOutcome,
  type GmresState,
  type GmresView,
  gmres,
} from "./krylov/gmres.ts";
export {
  type LsmrIterate,
  type LsmrOptions,
  type LsmrOutcome,
  type LsmrState,
  type LsmrView,
  lsmr,
} from "./krylov/lsmr.ts";
export {
  type MinresIterate,
  type MinresOptions,
  type MinresOutcome,
  type MinresState,
  type MinresView,
  minres,
} from "./krylov/minres.ts";

// Preconditioners

export { type Deflation, type DeflationOptions, deflation } from "./precondition/deflation.ts";
export { factoredPreconditioner, incompleteCholesky } from "./precondition/incomplete-cholesky.ts";
export { jacobiPreconditioner } from "./precondition/jacobi.ts";

// Sketches

export { type Sketch, sketchMatrix } from "./sketch/contract.ts";
export { gaussianSketch } from "./sketch/gaussian.ts";
export { hadamardSketch } from "./sketch/hadamard.ts";
export { type RowSketch, rowSketch } from "./sketch/rows.ts";
export { sparseSignSketch } from "./sketch/sparse-sign.ts";

// Types of several of these

export type { ConjugateGradientOptions } from "./krylov/conjugate-gradient.ts";
export type { LinearSystemOptions } from "./krylov/linear-system.ts";
export type { LinearSystemSolution } from "./krylov/linear-system-solution.ts";
export type { SymmetryOptions } from "./symmetric.ts";
