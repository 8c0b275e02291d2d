// The module `sparse-columns`: what coordinate methods do with the columns of a sparse matrix.
export {
  cscAddColumns, cscBlockAdjoint, cscBlockGram, cscSquaredNorms, cscSweepColumns, csrTranspose,
} from "./csc";
export { csrIsValid } from "./csr";
