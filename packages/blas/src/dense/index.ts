// Matrices

export type { Matrix, Triangle } from "../matrix.ts";
export type { AnyMatrix } from "../operand.ts";
export { ResidentMatrix, residentMatrix } from "../resident.ts";

// Vectors

export { ResidentBasis, residentBasis } from "./resident-basis.ts";
export { asum, axpy, dot, iamax, nrm2, scal } from "./vectors.ts";

// Matrix and vector

export { type GemvArguments, gemv } from "./gemv.ts";
export { ger, symv } from "./symmetric.ts";

// Products of matrices

export { type GemmArguments, gemm } from "./gemm.ts";
export { type GemmtrArguments, gemmtr, type SyrkArguments, syrk } from "./syrk.ts";

// Factorizations

export { type CholeskyArguments, cholesky, choleskySolve } from "./cholesky.ts";
export { type LuResult, lu, luSolve } from "./lu.ts";

// Triangular systems

export { invertLower, type TriangularMatrix, trsm, trsv } from "./triangular.ts";
