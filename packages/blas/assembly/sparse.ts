// The module `sparse`: passes over a matrix by compressed rows.
export { shiftProduct, stepAlong, turnDirection } from "./conjugate-vectors";
export {
  csrAdjoint, csrIsValid, csrMeasuredPerceptron, csrPerceptron, csrProduct, csrWeightedGram, csrWeightedProduct,
  csrWeightedSquares,
} from "./csr";
export { mirrorLower } from "./weighted-gram";
