export {
  type SymmetricArguments,
  type SymmetricEigen,
  symmetricEigen,
  symmetricEigenvalues,
} from "./symmetric-eigen.ts";
export {
  type TridiagonalArguments,
  type TridiagonalEnds,
  tridiagonalEigen,
  tridiagonalEigenvalues,
  tridiagonalEnds,
} from "./tridiagonal-eigen.ts";
