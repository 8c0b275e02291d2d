export * from "./columns/index.ts";
export * from "./dense/index.ts";
export * from "./eigen/index.ts";
export {
  BlasArgumentError,
  ConvergenceError,
  DisposedError,
  OutOfMemoryError,
  SimdUnavailableError,
} from "./errors.ts";
export * from "./grids/index.ts";
export * from "./kernels/index.ts";
export { blasAvailable, simdAvailable } from "./load.ts";
export * from "./networks/index.ts";
export * from "./orthogonal/index.ts";
export * from "./particles/index.ts";
export * from "./rows/index.ts";
export * from "./sparse/index.ts";
