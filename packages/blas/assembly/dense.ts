// The module `dense`: products, triangular solves, Cholesky and LU factorizations.
export { gemm, gemmBlock, gemmTile, gemmWorkspace, packFour } from "./gemm";
