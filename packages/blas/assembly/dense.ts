// The module `dense`: products, triangular systems, Cholesky and LU factorizations.
export { cholesky, choleskyWorkspace, subtractFourRows } from "./cholesky";
export { gemm, gemmBlock, gemmTile, gemmWorkspace, packFour } from "./gemm";
export { axpy, divide } from "./level1";
export { lu, luWorkspace, swap } from "./lu";
export { largest, largestAbsolute, transpose } from "./lu-panel";
export { addFourRows } from "./matrix-vector";
export { invertLower, moveGroup, trsm, trsmTile, trsmWorkspace } from "./trsm";
