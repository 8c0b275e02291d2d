// The module `columns`: what coordinate methods do with the columns of a design matrix.
export {
  addColumns, blockAdjoint, blockGram, blockGramWorkspace, packColumns, squaredNorms, sweepColumns,
  transposeRows,
} from "./design-columns";
export { gemmBlock, gemmTile } from "./gemm";
export { axpy, dot } from "./level1";
export { gemv, gemvFourRows } from "./level2";
export { weighPanels } from "./weighted-gram";
