import {
  type ArrayValue,
  type BatchMomentsUse,
  expandDims,
  GraphError,
  type ImportedModel,
  range,
  squeeze,
  type Tensor,
  type TensorType,
  trace,
  UnsupportedError,
  vmap,
} from "@gradus/graph";
import { areFinite } from "../check/arrays.ts";
import { alternatives, shown } from "../check/describe.ts";
import { ArgumentError, DataError } from "../check/errors.ts";
import { dataSpecs } from "../tree/signature.ts";
import { dropoutMasks, rowKeys } from "./dropout-masks.ts";
import { arrangeInputs, type ModelInputOptions, moveRows } from "./model-inputs.ts";

const ROWS = "rows";

/** What to do with a file whose rows cannot be found. */
const OTHER_AXIS = "where the model has its rows along another axis, give that by batchAxes";

/** Rows of a model's inputs, by name: arrays [rows, ...], also where the model has its rows along another axis. */
export type ModelInputs = Readonly<Record<string, ArrayValue>>;

/** What nodes in training mode work with while a model is trained. */
export interface TrainingStep {
  /** A whole number i64, which determines the masks of Dropout; another one at each step. Without one nothing is dropped. */
  readonly key?: Tensor;
  /** How BatchNormalization normalizes: by stored moments where this is left out. */
  readonly batchMoments?: BatchMomentsUse;
}

/** One output of an imported model as a function of a batch of any number of rows. */
export interface BatchOutput extends TensorType {
  readonly name: string;
  /** @param step of training; without one nodes in training mode work as in evaluation */
  apply(
    inputs: Readonly<Record<string, Tensor>>,
    parameters?: Readonly<Record<string, Tensor>>,
    step?: TrainingStep,
  ): Tensor;
}

/** Normalization by stored moments, in nodes in training mode too. */
const byStoredMoments: BatchMomentsUse = () => undefined;

/** Rows that a model takes one by one are no batch whose moments it could take. */
const noBatch =
  (use: BatchMomentsUse): BatchMomentsUse =>
  (stored) => {
    if (use(stored))
      throw new UnsupportedError(
        "the file takes one row at a time, of which there are no moments of a batch: export it with a dynamic batch dimension (dynamic_axes of torch.onnx.export), or freeze the layer with its moments",
      );
    return undefined;
  };

/** @throws ArgumentError, DataError unless there is an array of the right type and row shape for each input */
function checkInputs(model: ImportedModel, inputs: ModelInputs): void {
  if (typeof inputs !== "object" || inputs === null)
    throw new ArgumentError(`data.inputs must be an object of arrays by input name, got ${shown(inputs)}`);
  const known = model.inputs.map(({ name }) => name);
  for (const name of Object.keys(inputs))
    if (!known.includes(name))
      throw new ArgumentError(
        `data.inputs has ${shown(name)}, but the model's inputs are ${known.join(", ")}`,
      );
  for (const { name, spec } of model.inputs) {
    const array = inputs[name];
    if (array === undefined) throw new ArgumentError(`data.inputs.${name} is missing; the model reads it`);
    const wanted = [ROWS, ...spec.shape.slice(1)];
    const fits =
      array.dtype === spec.dtype &&
      array.shape.length === wanted.length &&
      wanted.every((size, axis) => typeof size === "string" || size === array.shape[axis]);
    if (!fits)
      throw new DataError(
        `data.inputs.${name} must be ${spec.dtype}[${wanted.join(", ")}], got ${array.dtype}[${array.shape.join(", ")}]${spec.shape.every((size) => typeof size === "number") ? `; ${OTHER_AXIS}` : ""}`,
      );
    checkFinite(`data.inputs.${name}`, array);
  }
}

/** @throws DataError naming the row of the first number that is not finite */
export function checkFinite(name: string, { data, shape }: ArrayValue): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array) || areFinite(data)) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  throw new DataError(
    `${name} must be finite, got ${data[at]} in row ${Math.floor(at / (data.length / shape[0]))}`,
  );
}

/**
 * An output of a model for a batch, whose rows come first. Where the model has them along another axis, they are moved
 * there, and back in the output. A file whose batch has the fixed size 1 is mapped over the
 * rows; one of another fixed size must leave the size open where it is used.
 *
 * @param change what is made of the output, such as the logits behind a softmax
 * @throws ArgumentError for an unknown output, missing or unknown inputs, or a model that works for its own batch size
 *   alone
 * @throws DataError when an input's type or shape differs from the model's, or it is not finite
 */
export function batchOutput(
  given: ImportedModel,
  inputs: ModelInputs,
  { output, ...arrangement }: ModelInputOptions & { readonly output?: string },
  change: (output: Tensor) => Tensor,
): BatchOutput {
  const model = arrangeInputs(given, arrangement);
  checkInputs(model, inputs);
  const name = output ?? model.defaultOutput;
  if (!model.outputs.includes(name))
    throw new ArgumentError(`output must be ${alternatives(model.outputs)}, got ${shown(output)}`);
  type Tensors = Readonly<Record<string, Tensor>>;
  const whole = (rows: Tensors, parameters: Tensors = {}, step: TrainingStep = {}) => {
    const { key, batchMoments = byStoredMoments } = step;
    const mode = { keptEntries: key && dropoutMasks(key), batchMoments };
    return change(model.apply(rows, parameters, mode)[name]);
  };
  const single = (rows: Tensors, parameters: Tensors = {}, { key, batchMoments }: TrainingStep = {}) => {
    const [count] = Object.values(rows)[0].shape;
    return vmap(({ row, own }: { row: Tensors; own: Tensor }) => {
      const batch = Object.fromEntries(Object.entries(row).map(([input, t]) => [input, expandDims(t, 0)]));
      const result = whole(batch, parameters, {
        key: key && own,
        batchMoments: batchMoments && noBatch(batchMoments),
      });
      return squeeze(result, Math.max(0, result.shape.indexOf(1)));
    })({ row: rows, own: key ? rowKeys(key, count) : range(count) });
  };
  const typeOf = (apply: (rows: Tensors) => Tensor): TensorType => {
    const traced = trace((rows) => apply(rows as Tensors), dataSpecs(inputs));
    const { dtype, shape } = traced.outputs[0].tensor;
    return { dtype, shape };
  };
  const sizes = new Set(model.inputs.map(({ spec }) => spec.shape[0]));
  const forms = [...sizes].every((size) => size === 1) ? [whole, single] : [whole];
  let obstacle = `output ${name} must have one row for each row of the inputs`;
  for (const apply of forms)
    try {
      const type = typeOf(apply);
      const at = type.shape.indexOf(ROWS);
      if (at >= 0)
        return {
          name,
          dtype: type.dtype,
          shape: [ROWS, ...type.shape.toSpliced(at, 1)],
          apply: (rows, parameters, step) => moveRows(apply(rows, parameters, step), at, 0),
        };
      obstacle = `output ${name} must have one row for each row of the inputs, got [${type.shape.join(", ")}]`;
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      obstacle = error.message;
    }
  // The rows can be along another axis only where that is open too.
  const open = model.inputs.some(({ spec }) => spec.shape.filter((d) => typeof d === "string").length > 1);
  const fixed = [...sizes].filter((size) => typeof size === "number");
  throw new ArgumentError(
    fixed.length === 0
      ? `${obstacle}${open ? `; ${OTHER_AXIS}` : ""}`
      : `${obstacle}; the file was written for batches of ${fixed.join(" and ")} rows: export it with a dynamic batch dimension (dynamic_axes of torch.onnx.export)`,
  );
}
