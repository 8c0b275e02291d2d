export { array, constants, floatData, isArrayValue, item, specsOf, toNumbers } from "./arrays.ts";
export { type CompileOptions, compile, type ExpectedSizes, type Outputs, type Program } from "./compile.ts";
export {
  gradient,
  hessianVectorProduct,
  jvp,
  type Valued,
  valueAndGradient,
  valueAndGradientWithAuxiliary,
  vjp,
} from "./differentiate.ts";
export type { ArrayOf, DataArray, DType, FloatType } from "./dtype.ts";
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
export { type ExportOptions, exportOnnx } from "./export-onnx.ts";
export { gaussNewtonVectorProduct } from "./gauss-newton.ts";
export { externalFiles } from "./import/external-files.ts";
export {
  type ImportedModel,
  type ImportFileOptions,
  type ImportOptions,
  importOnnx,
} from "./import/import-onnx.ts";
export { type InspectedParameter, inspectModel, type ModelInspection } from "./import/inspect-model.ts";
export { type LinearHead, linearHead, replaceHead } from "./import/linear-head.ts";
export {
  addLowRankBranches,
  type LowRankBranch,
} from "./import/low-rank-branches.ts";
export {
  type OnnxGraph,
  type OnnxNode,
  type OnnxValue,
  onnxGraph,
  type StoredOnnxTensor,
} from "./import/onnx-graph.ts";
export type { QuantizedProduct } from "./import/quantized-products.ts";
export { type OnnxFile, type ReadOnnxOptions, readOnnx } from "./import/read-onnx.ts";
export { replaceParameters } from "./import/replace-parameters.ts";
export type { TensorUse } from "./import/tensor-uses.ts";
export type {
  BatchMoments,
  BatchMomentsUse,
  KeptEntries,
  StoredMoments,
  TrainingMode,
} from "./import/training-mode.ts";
export type { InputSlot, Inputs, InputValue } from "./inputs.ts";
export { jacobian } from "./jacobian.ts";
export { type JitFunction, type JitOptions, jit, type SelfDescribing } from "./jit.ts";
export { type RepeatBody, repeat, scan } from "./loop.ts";
export type { NamedSpec } from "./onnx/signature.ts";
export { type LoadOnnxOptions, loadOnnx, type OnnxModel } from "./onnx-model.ts";
export * from "./ops/index.ts";
export { perExampleGradients, perExampleSquaredNorms } from "./per-example.ts";
export { fetchRuntime, prepareRuntime } from "./prepare-runtime.ts";
export { releaseArrays } from "./release-arrays.ts";
export type { ArrayValue, LoadOptions, Runtime, Session, SessionOptions } from "./runtime/runtime.ts";
export { runtimeVersion } from "./runtime-version.ts";
export type { Dimension, Shape } from "./shape.ts";
export { type Prepared, type StagedFunction, stage } from "./stage.ts";
export {
  type Application,
  bool,
  constant,
  f32,
  f64,
  flattenTensors,
  i64,
  isTensor,
  mapTensors,
  type Op,
  type Operand,
  scalar,
  type Tensor,
  type TensorSpec,
  type TensorType,
} from "./tensor.ts";
export { type NamedTensor, type Specs, type Traced, type TracedProgram, trace } from "./trace.ts";
export {
  type Flattened,
  flattenTree,
  type MapTree,
  type Structure,
  type Tree,
  unflattenTree,
} from "./tree.ts";
export { vmap } from "./vectorize.ts";
export { type WorkTimes, workTimes } from "./work-times.ts";

// Shared types

export type { PadOptions } from "./ops/pad.ts";
export type { AveragePoolOptions, MaxPoolOptions } from "./ops/pooling.ts";
export type { ReduceOptions } from "./ops/reduce.ts";
export type { SliceRange } from "./ops/slice.ts";
export type { SortOptions } from "./ops/sort.ts";
export type { Padding, PerAxis, WindowOptions } from "./ops/windows.ts";
