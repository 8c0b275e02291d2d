// The module `kernels`: kernel matrices between the rows of two matrices.
export {
  erfDual, erfSides, firstQuadrantAngles, firstQuadrantAnglesAndInverses, rectifiedDual, rectifiedMeans, rectifiedSides,
} from "./dual-activation";
export { expOfNegatives } from "./exponential";
export { gemm, gemmBlock, gemmTile, gemmWorkspace, packFour } from "./gemm";
export { firstLayer, networkRows, networkWorkspace, nextLayer } from "./network-kernel";
export { gaussianRow, rowSquares } from "./row-products";
