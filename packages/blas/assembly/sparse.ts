// The module `sparse`: passes over a matrix by compressed rows.
export { shiftProduct, stepAlong, turnDirection } from "./conjugate-vectors";
export {
  csrAdjoint, csrMeasuredPerceptron, csrPerceptron, csrProduct, csrWeightedGram,
  csrWeightedProduct, csrWeightedSquares, pointersFit, rowsFit,
} from "./csr";
export { addAt, orderBlock, orderedWeightedProduct, orderRows, weighRows } from "./ordered-rows";
export { countEntries, fillSlices, orderWindow, placeLines, slicedProduct, sliceLines, slicesWorkspace } from "./sparse-slices";
export {
  addTile, addTileTransposed, countTiles, placeInTiles, tileEntries, tiledAdjoint, tiledProduct, tilesAlong,
} from "./sparse-tiles";
export { mirrorLower } from "./weighted-gram";
export { allFinite } from "./finite";
