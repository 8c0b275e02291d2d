// The module `rows`: passes over a design matrix, one example a row.
export { shiftProduct, stepAlong, turnDirection } from "./conjugate-vectors";
export { gemmBlock, gemmTile, packFour } from "./gemm";
export { addFourRows, gemv, gemvFourRows } from "./level2";
export { allFinite } from "./finite";
export { expOfNegatives, logsOfOnePlus } from "./exponential";
export {
  logisticCurvatures, logisticRows, negativeAbsolutes, slopesOfDecays, weightsOfDecays, weightsOfMargins,
} from "./logistic";
export { logisticPass } from "./logistic-pass";
export { measuredPerceptronRows, perceptronRows } from "./perceptron";
export { centerScores, normalizeRows, softmaxRows } from "./softmax";
export { compensatedSum, multiply, plainSum } from "./sums";
export { weighPanels, weightedGram, weightedGramWorkspace, weightedSquares } from "./weighted-gram";
export { addFourRowsAndDot, weightedProduct } from "./weighted-product";
