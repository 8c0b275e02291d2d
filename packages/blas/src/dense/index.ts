// Vectors

// Matrices
export type { Matrix, Triangle } from "../matrix.ts";
export type { AnyMatrix } from "../operand.ts";
export { ResidentMatrix, residentMatrix } from "../resident.ts";
// Factorizations
export { type CholeskyArguments, cholesky, choleskySolve } from "./cholesky.ts";
// Products of matrices
export { type GemmArguments, gemm } from "./gemm.ts";
// Matrix and vector
export { type GemvArguments, gemv } from "./gemv.ts";
export { type LuResult, lu, luSolve } from "./lu.ts";
export { ger, symv } from "./symmetric.ts";
export { type GemmtrArguments, gemmtr, type SyrkArguments, syrk } from "./syrk.ts";
// Triangular systems
export { invertLower, type TriangularMatrix, trsm, trsv } from "./triangular.ts";
export { asum, axpy, dot, iamax, nrm2, scal } from "./vectors.ts";
