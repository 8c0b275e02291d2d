export { clip, elu, gelu, leakyRelu, silu } from "./activations.ts";
export { scatterAddAlong, takeAlong } from "./along.ts";
export { add, atan2, div, maximum, minimum, mul, pow, sub } from "./arithmetic.ts";
export { broadcastTo, onesLike, sumTo, zerosLike } from "./broadcast.ts";
export {
  and,
  equal,
  finite,
  greater,
  greaterEqual,
  isNan,
  less,
  lessEqual,
  not,
  notEqual,
  or,
  xor,
} from "./compare.ts";
export { concat, stack } from "./concat.ts";
export {
  type ConvolutionOptions,
  type ConvolutionTransposeOptions,
  convolution,
  convolutionTranspose,
} from "./convolution.ts";
export { crossEntropy } from "./cross-entropy.ts";
export { cumSum } from "./cumulative.ts";
export { einsum } from "./einsum.ts";
export { cosh, sinh, tan } from "./hyperbolic.ts";
export { full, gather, oneHot, scatterAdd } from "./indexing.ts";
export { all, any } from "./logical-reduce.ts";
export { matmul, matrixTranspose } from "./matmul.ts";
export {
  diagonal,
  diagonalMatrix,
  identityMatrix,
  lowerTriangle,
  matrixTrace,
  outer,
  upperTriangle,
} from "./matrices.ts";
export { norm } from "./norm.ts";
export { pad } from "./pad.ts";
export { averagePool, maxPool } from "./pooling.ts";
export { prod } from "./product.ts";
export { range } from "./range.ts";
export {
  argMax,
  argMin,
  logSumExp,
  max,
  mean,
  min,
  sum,
} from "./reduce.ts";
export { ceil, floor, remainder, round } from "./rounding.ts";
export { cast, identity, stopGradient, where } from "./select.ts";
export { expandDims, reshape, size, squeeze, transpose } from "./shape.ts";
export { flip, slice, split } from "./slice.ts";
export { logSoftmax, softmax } from "./softmax.ts";
export { argSort, sort, topK } from "./sort.ts";
export {
  abs,
  cos,
  erf,
  erfc,
  exp,
  expm1,
  log,
  log1p,
  neg,
  reciprocal,
  relu,
  rsqrt,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  square,
  tanh,
} from "./unary.ts";
export { upsampleNearest } from "./upsample.ts";
