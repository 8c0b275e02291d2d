// The module `dense`: products, triangular systems, Cholesky and LU factorizations.
export { cholesky, choleskyWorkspace } from "./cholesky";
export { gemm, gemmBlock, gemmTile, gemmWorkspace, packFour } from "./gemm";
export { axpy } from "./level1";
export { eliminate, largest, lu, luWorkspace, swap } from "./lu";
export { invertLower, moveGroup, trsm, trsmTile, trsmWorkspace } from "./trsm";
