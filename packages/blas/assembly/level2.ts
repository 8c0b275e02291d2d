// The module `level2`: a matrix and a vector. Kept from `dense`, so that a page which factorizes does not carry it.
export { axpy, dot } from "./level1";
export { addFourRows, addRowAndDot, gemv, gemvFourRows, ger, symv, trsv } from "./matrix-vector";
