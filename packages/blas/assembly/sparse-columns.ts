// The module `sparse-columns`: what coordinate methods do with the columns of a sparse matrix.
export {
  cscAddColumns, cscBlockAdjoint, cscBlockGram, cscSweepColumns, csrColumnSums, csrExtract,
  csrTranspose,
} from "./csc";
export { csrAdjoint, pointersFit, rowsFit } from "./csr";
export { allFinite } from "./finite";
