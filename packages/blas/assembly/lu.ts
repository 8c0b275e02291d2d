// The module `lu`: the LU factorization. Kept from `dense`, so that a page with products and Cholesky does not carry it.
export { gemm, gemmBlock, gemmTile, packFour } from "./gemm";
export { axpy, divide } from "./level1";
export { lu, luWorkspace, swap } from "./lu-halves";
export { largest, largestAbsolute, transpose } from "./lu-panel";
export { addFourRows } from "./matrix-vector";
export { moveGroup, trsm, trsmTile } from "./trsm";
