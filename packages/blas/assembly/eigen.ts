// The module `eigen`: symmetric eigenproblems.
export { divideAndConquer, divideWorkspace } from "./divide-and-conquer";
export { gemmBlock, gemmTile, packFour } from "./gemm";
export { rotate } from "./level1";
export { addFourRows, addRowAndDot, gemvFourRows } from "./matrix-vector";
export { divideInto, multiplyRatios, poleSums, secularRoot } from "./secular";
export { squareRootFreeSweep, tridiagonalValues, tridiagonalVectors } from "./tridiagonal-ql";
export {
  applyReflections, applyWorkspace, reductionWorkspace, symvFourRows, tridiagonalReduction,
} from "./tridiagonal-reduction";
export { largestEntry, mirrorUpper, transposeInOrder } from "./symmetric";
