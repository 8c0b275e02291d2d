// The module `dense`: products, triangular systems and Cholesky factorizations.
export { cholesky, choleskyWorkspace, subtractFourRows } from "./cholesky";
export { gemm, gemmBlock, gemmTile, gemmWorkspace, packFour } from "./gemm";
export { axpy, divide } from "./level1";
export { invertLower, moveGroup, trsm, trsmTile, trsmWorkspace } from "./trsm";
