// The module `sparse`: passes over a matrix by compressed rows.
export { shiftProduct, stepAlong, turnDirection } from "./conjugate-vectors";
export {
  csrAdjoint, csrIsValid, csrMeasuredPerceptron, csrPerceptron, csrProduct, csrWeightedGram, csrWeightedProduct,
  csrWeightedSquares,
} from "./csr";
export {
  addTile, addTileTransposed, countTiles, placeInTiles, tileEntries, tiledAdjoint, tiledProduct, tilesAlong,
} from "./sparse-tiles";
export { mirrorLower } from "./weighted-gram";
