// The module `dense`: products, triangular solves, Cholesky and LU factorizations.
export { cholesky, choleskyWorkspace } from "./cholesky";
export { gemm, gemmBlock, gemmTile, gemmWorkspace, packFour } from "./gemm";
export { axpy, dot } from "./level1";
export { addFourRows, addRowAndDot, gemv, gemvFourRows, ger, symv, trsv } from "./level2";
export { eliminate, largest, lu, luWorkspace, swap } from "./lu";
export { invertLower, moveGroup, trsm, trsmTile, trsmWorkspace } from "./trsm";
