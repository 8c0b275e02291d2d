// The module `sparse`: passes over a matrix by compressed rows, and its columns.
export { cscAddColumns, cscBlockAdjoint, cscBlockGram, cscSquaredNorms, csrTranspose } from "./csc";
export {
  csrAdjoint, csrIsValid, csrPerceptron, csrProduct, csrWeightedGram, csrWeightedProduct, csrWeightedSquares,
} from "./csr";
export { mirrorLower } from "./weighted-gram";
