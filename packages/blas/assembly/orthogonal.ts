// The module `orthogonal`: QR factorizations and the singular value decomposition.
export { gebrd, gebrdWorkspace } from "./bidiagonal";
export { bdsdc, bdsdcWorkspace } from "./bidiagonal-divide";
export { bdsqr } from "./bidiagonal-qr";
export { multiplyRatios, secularSums } from "./bidiagonal-secular";
export { gemm, gemmBlock, gemmTile, gemmWorkspace, packFour } from "./gemm";
export {
  applyBlock, applyReflections, blockWorkspace, norm, reflectionsWorkspace, transpose,
} from "./householder";
export { axpy, dot, rotate } from "./level1";
export { largestAbsolute } from "./lu-panel";
export { addFourRows, gemv, gemvFourRows, ger } from "./matrix-vector";
export { geqp3, geqp3Workspace, geqrf, geqrfWorkspace } from "./qr";
