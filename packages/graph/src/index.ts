export * from "./arrays.ts";
export { type CompileOptions, compile, type Outputs, Program } from "./compile.ts";
export * from "./differentiate.ts";
export type { ArrayOf, DataArray, DType, FloatType } from "./dtype.ts";
export * from "./errors.ts";
export { type ExportOptions, exportOnnx } from "./export-onnx.ts";
export { gaussNewtonVectorProduct } from "./gauss-newton.ts";
export type { Inputs, InputValue } from "./inputs.ts";
export { jacobian } from "./jacobian.ts";
export { JitFunction, type JitOptions, jit, type SelfDescribing } from "./jit.ts";
export { type RepeatBody, repeat, scan } from "./loop.ts";
export type { NamedSpec } from "./onnx/signature.ts";
export { loadOnnx, type OnnxModel } from "./onnx-model.ts";
export * from "./ops/index.ts";
export { perExampleGradients, perExampleSquaredNorms } from "./per-example.ts";
export { fetchRuntime, prepareRuntime } from "./prepare.ts";
export type { ArrayValue, LoadOptions, Runtime, Session, SessionOptions } from "./runtime/runtime.ts";
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
export { type NamedTensor, type Specs, type Traced, type TracedProgram, toOnnx, trace } from "./trace.ts";
export { flattenTree, type MapTree, type Tree, unflattenTree } from "./tree.ts";
export { vmap } from "./vectorize.ts";
