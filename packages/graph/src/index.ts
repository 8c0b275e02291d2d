export { array, constants, floatData, isArrayValue, item, specsOf, toNumbers } from "./arrays.ts";
export { type CompileOptions, compile, type Outputs, type Program } from "./compile.ts";
export {
  gradient,
  hessianVectorProduct,
  jvp,
  valueAndGradient,
  valueAndGradientWithAuxiliary,
  vjp,
} from "./differentiate.ts";
export type { DataArray, DType, FloatType } from "./dtype.ts";
export {
  DisposedError,
  GraphError,
  IndexError,
  InputError,
  ShapeError,
  TypeMismatchError,
  UnsupportedError,
  WorkerError,
} from "./errors.ts";
export { exportOnnx } from "./export-onnx.ts";
export { gaussNewtonVectorProduct } from "./gauss-newton.ts";
export type { Inputs, InputValue } from "./inputs.ts";
export { jacobian } from "./jacobian.ts";
export { type JitFunction, type JitOptions, jit } from "./jit.ts";
export { repeat, scan } from "./loop.ts";
export type { NamedSpec } from "./onnx/signature.ts";
export { loadOnnx, type OnnxModel } from "./onnx-model.ts";
export * from "./ops/index.ts";
export { perExampleGradients, perExampleSquaredNorms } from "./per-example.ts";
export { fetchRuntime, prepareRuntime } from "./prepare-runtime.ts";
export type { ArrayValue, Runtime, SessionOptions } from "./runtime/runtime.ts";
export { runtimeVersion } from "./runtime-version.ts";
export type { Dimension, Shape } from "./shape.ts";
export { type Prepared, type StagedFunction, stage } from "./stage.ts";
export {
  bool,
  constant,
  f32,
  f64,
  flattenTensors,
  i64,
  isTensor,
  mapTensors,
  type Operand,
  scalar,
  type Tensor,
  type TensorSpec,
} from "./tensor.ts";
export { type Specs, type Traced, type TracedProgram, trace } from "./trace.ts";
export { flattenTree, type MapTree, type Tree, unflattenTree } from "./tree.ts";
export { vmap } from "./vectorize.ts";
