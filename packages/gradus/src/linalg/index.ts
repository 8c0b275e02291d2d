export * from "./dense.ts";
export * from "./factorize/cholesky.ts";
export * from "./factorize/errors.ts";
export * from "./factorize/lu.ts";
export * from "./factorize/qr.ts";
export * from "./factorize/singular-values.ts";
export * from "./factorize/symmetric-eigen.ts";
export * from "./factorize/symmetric-eigenvalues.ts";
export * from "./factorize/triangular.ts";
export * from "./factorize/tridiagonal-eigen.ts";
export * from "./krylov/conjugate-gradient.ts";
export * from "./krylov/extreme-eigenpairs.ts";
export * from "./krylov/gmres.ts";
export * from "./krylov/lanczos.ts";
export type { LinearSystemOptions, LinearSystemSolution } from "./krylov/linear-system.ts";
export * from "./krylov/lsmr.ts";
export * from "./krylov/minres.ts";
export * from "./krylov/power-iteration.ts";
export * from "./krylov/ritz.ts";
export * from "./least-squares.ts";
export * from "./operator/combine.ts";
export { adjointProduct, type LinearOperator, operatorEntries } from "./operator/contract.ts";
export * from "./operator/matrices.ts";
export { orthogonalize } from "./orthogonalize.ts";
export * from "./precondition/incomplete-cholesky.ts";
export * from "./precondition/jacobi.ts";
export { type Sketch, sketchMatrix } from "./sketch/contract.ts";
export * from "./sketch/gaussian.ts";
export * from "./sketch/hadamard.ts";
export * from "./sketch/rows.ts";
export * from "./sketch/sparse-sign.ts";
export * from "./sparse/build.ts";
export * from "./sparse/csc.ts";
export * from "./sparse/csr.ts";
export {
  type RandomizedRangeOptions,
  type RandomizedSvdOptions,
  randomizedRange,
  randomizedSvd,
} from "./svd/randomized.ts";
export * from "./svd/truncated.ts";
export * from "./vector.ts";
export * from "./woodbury.ts";
