import {
  type ArrayValue,
  array,
  type FloatType,
  type ImportedModel,
  mul,
  type Tensor,
  transpose,
} from "@gradus/graph";
import { checkClassLabels } from "../check/arrays.ts";
import { shown } from "../check/describe.ts";
import { ArgumentError, DataError } from "../check/errors.ts";
import { checkGivenOptions, checkOneOf } from "../check/options.ts";
import { accuracy, binaryAccuracy } from "../losses/accuracy.ts";
import {
  logisticCurvature,
  type OutputCurvature,
  softmaxCurvature,
  squaredCurvature,
} from "../losses/output-curvature.ts";
import { sigmoidCrossEntropy, softmaxCrossEntropy } from "../losses/traced/cross-entropy.ts";
import { meanSquaredError } from "../losses/traced/regression.ts";
import { rowCount } from "../tree/rows.ts";
import {
  type BatchOutput,
  batchOutput,
  checkFinite,
  type ModelInputs,
  type TrainingStep,
} from "./batch-output.ts";
import type { ModelInputOptions } from "./model-inputs.ts";

/** Names of the losses that an imported model can be given. */
export const modelLosses = ["cross-entropy", "binary-cross-entropy", "squared"] as const;
/** One of `modelLosses`. */
export type ModelLossName = (typeof modelLosses)[number];

/** Examples for a model: its inputs by name, and what it should make of each row. */
export interface ModelData {
  readonly inputs: ModelInputs;
  /** Classes [rows] from 0 for "cross-entropy"; otherwise numbers of the output's shape. */
  readonly labels: ArrayValue;
}

type Parameters = Readonly<Record<string, Tensor>>;
/** A batch of `ModelData` in a graph. */
export interface ModelBatch {
  readonly inputs: Parameters;
  readonly labels: Tensor;
}

/** A loss of an imported model on data, as `train`, `modelCurvature` and the others take it. */
export interface ModelObjective {
  /**
   * The mean loss of a batch at parameters by name; those left out are the file's. Nothing is dropped, and batch
   * normalization takes the stored moments.
   */
  readonly loss: (parameters: Parameters, batch: ModelBatch) => Tensor;
  /**
   * The loss with dropout and with the moments of the batch, for models exported in training mode.
   *
   * @throws UnsupportedError for moments of a batch in a file that takes one row at a time
   */
  readonly trainingLoss: (parameters: Parameters, batch: ModelBatch, step: TrainingStep) => Tensor;
  /** The share of rows classified correctly; undefined for "squared". */
  readonly accuracy: ((parameters: Parameters, batch: ModelBatch) => Tensor) | undefined;
  /** The output before the loss: logits, or predictions; classes are along the last axis. */
  readonly scores: (parameters: Parameters, inputs: Parameters) => Tensor;
  /** The curvature of a row's loss in its scores; undefined where the number of scores of a row is open. */
  readonly curvature: OutputCurvature | undefined;
  /** The data, with labels in the element type and shape that the loss takes. */
  readonly data: ModelData;
  /** Other data for the same loss. */
  fit(data: ModelData): ModelData;
}

/** Labeled rows, and the loss of an output on them. */
export interface ModelObjectiveOptions extends ModelInputOptions {
  readonly data: ModelData;
  readonly loss: ModelLossName;
  /** Name of the output, by default the first of floating-point numbers. */
  readonly output?: string;
}

/** What stands before a function that ends a model, such as the logits before a softmax; else the output itself. */
const before = (name: string) => (output: Tensor) => (output.op.name === name ? output.inputs[0] : output);

const same: (output: Tensor) => Tensor = (output) => output;
const scoresBehind: Readonly<Record<ModelLossName, (output: Tensor) => Tensor>> = {
  // The log-softmax of a log-softmax is itself.
  "cross-entropy": before("softmax"),
  "binary-cross-entropy": before("sigmoid"),
  squared: same,
};

const shapeOf = ({ dtype, shape }: Pick<ArrayValue, "dtype" | "shape">) => `${dtype}[${shape.join(", ")}]`;

/** Whether an array's shape is this one, in which the number of rows is open. */
const fits = (shape: readonly number[], wanted: BatchOutput["shape"]): boolean =>
  shape.length === wanted.length && wanted.every((d, axis) => typeof d === "string" || d === shape[axis]);

/** A label's own shape, without a last dimension of size 1. */
const trimmed = (shape: readonly number[]) =>
  shape.length > 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape;

/** The axis of an output along which the classes are, for labels of a shape. */
function classAxis({ name, shape }: BatchOutput, labels: ArrayValue): number {
  const without = (axis: number) => shape.filter((_, i) => i !== axis);
  const axes = [...new Set([1, shape.length - 1])].filter((axis) => axis >= 1 && axis < shape.length);
  const axis = axes.find((one) => [labels.shape, trimmed(labels.shape)].some((s) => fits(s, without(one))));
  if (axis === undefined)
    throw new DataError(
      `data.labels must be the class of each row for the output ${name} [${shape.join(", ")}], got ${shapeOf(labels)}`,
    );
  return axis;
}

/** Numbers of an array of any element type. */
const numbersOf = ({ data }: ArrayValue) => Float64Array.from(data, Number);

const float = (values: Float64Array, dtype: FloatType, shape: readonly number[]) =>
  array(dtype === "f32" ? Float32Array.from(values) : values, shape);

/** Labels as an output's numbers: of its element type and shape. */
function fitTargets(output: BatchOutput, labels: ArrayValue): ArrayValue {
  const { name, shape } = output;
  const wanted = [labels.shape[0], ...shape.slice(1)];
  const significant = (sizes: readonly unknown[]) =>
    sizes
      .slice(1)
      .filter((size) => size !== 1)
      .join(", ");
  const open = wanted.some((size) => typeof size === "string");
  if (open ? !fits(labels.shape, shape) : significant(labels.shape) !== significant(wanted))
    throw new DataError(
      `data.labels must be numbers [${shape.join(", ")}], as the output ${name} has, got ${shapeOf(labels)}`,
    );
  return float(numbersOf(labels), floatTypeOf(output), open ? labels.shape : wanted.map(Number));
}

function floatTypeOf({ name, dtype }: BatchOutput): FloatType {
  if (dtype !== "f32" && dtype !== "f64")
    throw new ArgumentError(`output ${name} must be floating-point to have a loss, got ${dtype}`);
  return dtype;
}

/**
 * The mean loss of an imported model on labeled rows. For "cross-entropy" and "binary-cross-entropy" a model that ends
 * in Softmax, LogSoftmax or Sigmoid is taken before it, so that the loss is exact for logits of any size.
 *
 * - "cross-entropy": -log softmax(z)_label, classes along axis 1 of the output, or along its last axis
 * - "binary-cross-entropy": -y log sigmoid(z) - (1 - y) log(1 - sigmoid(z)), labels y in [0, 1]
 * - "squared": (z - y)^2, the mean over the output's numbers
 *
 * @throws ArgumentError for an unknown option, loss or output, or an output that the loss cannot take
 * @throws DataError when inputs or labels do not fit the model, naming the row of a label out of range
 */
export function modelObjective(model: ImportedModel, options: ModelObjectiveOptions): ModelObjective {
  checkGivenOptions("modelObjective", options, ["data", "loss", "output", "constants", "batchAxes"]);
  const { data, loss, output: name, constants, batchAxes } = options;
  checkOneOf(modelLosses, { loss });
  checkData(data);
  const output = batchOutput(model, data.inputs, { output: name, constants, batchAxes }, scoresBehind[loss]);
  floatTypeOf(output);
  const form = forms[loss](output, data.labels);
  const fit = (given: ModelData): ModelData => {
    checkData(given);
    return { inputs: given.inputs, labels: form.labels(given.labels) };
  };
  const scores: ModelObjective["scores"] = (parameters, inputs) =>
    form.scores(output.apply(inputs, parameters));
  const { accuracy: share } = form;
  return {
    loss: (parameters, batch) => form.loss(scores(parameters, batch.inputs), batch.labels),
    trainingLoss: (parameters, batch, step) =>
      form.loss(form.scores(output.apply(batch.inputs, parameters, step)), batch.labels),
    accuracy: share && ((parameters, batch) => share(scores(parameters, batch.inputs), batch.labels)),
    scores,
    curvature: curvatureOf(output, form),
    data: fit(data),
    fit,
  };
}

function checkData(data: ModelData): void {
  if (typeof data !== "object" || data === null || typeof data.labels !== "object" || data.labels === null)
    throw new ArgumentError(`data must be { inputs, labels }, got ${shown(data)}`);
  rowCount({ inputs: data.inputs, labels: data.labels });
  checkFinite("data.labels", data.labels);
}

/** The curvature of a mean over the terms of a row. */
function curvatureOf({ shape }: BatchOutput, { curvature, terms }: Form): OutputCurvature | undefined {
  const sizes = terms.map((axis) => shape[axis]);
  if (!sizes.every((size) => typeof size === "number")) return undefined;
  const share = 1 / sizes.reduce((product, size) => product * size, 1);
  return {
    product: (outputs, u) => mul(curvature.product(outputs, u), share),
    root: (outputs, u) => mul(curvature.root(outputs, u), Math.sqrt(share)),
    rank: curvature.rank,
  };
}

/** What a loss makes of an output and labels. */
interface Form {
  /** The curvature of one term of a row's loss, and the axes along which a row has terms. */
  readonly curvature: OutputCurvature;
  readonly terms: readonly number[];
  readonly scores: (output: Tensor) => Tensor;
  readonly loss: (scores: Tensor, labels: Tensor) => Tensor;
  readonly accuracy?: (scores: Tensor, labels: Tensor) => Tensor;
  readonly labels: (labels: ArrayValue) => ArrayValue;
}

const forms: Readonly<Record<ModelLossName, (output: BatchOutput, labels: ArrayValue) => Form>> = {
  "cross-entropy": (output, first) => {
    const rank = output.shape.length;
    const axis = classAxis(output, first);
    const classes = output.shape[axis];
    if (typeof classes !== "number" || classes < 2)
      throw new ArgumentError(
        `"cross-entropy" needs an output of 2 classes or more, got ${output.name} [${output.shape.join(", ")}]${classes === 1 ? '; use "binary-cross-entropy"' : ""}`,
      );
    const order = [...output.shape.keys()].filter((i) => i !== axis);
    return {
      scores: (t) => (axis === rank - 1 ? t : transpose(t, [...order, axis])),
      curvature: softmaxCurvature,
      terms: order.slice(1),
      loss: softmaxCrossEntropy,
      accuracy,
      labels(given) {
        classAxis(output, given);
        const numbers = numbersOf(given);
        checkClassLabels("data.labels", numbers, classes);
        const shape = given.shape.length === rank - 1 ? given.shape : trimmed(given.shape);
        return array(BigInt64Array.from(numbers, BigInt), shape);
      },
    };
  },
  "binary-cross-entropy": (output) => ({
    scores: same,
    curvature: logisticCurvature,
    terms: [...output.shape.keys()].slice(1),
    loss: sigmoidCrossEntropy,
    accuracy: binaryAccuracy,
    labels(given) {
      const fitted = fitTargets(output, given);
      const bad = Array.from(fitted.data, Number).findIndex((y) => y < 0 || y > 1);
      if (bad >= 0)
        throw new DataError(
          `data.labels must be from 0 to 1 for "binary-cross-entropy", got ${fitted.data[bad]} in row ${Math.floor((bad * given.shape[0]) / fitted.data.length)}`,
        );
      return fitted;
    },
  }),
  squared: (output) => ({
    scores: same,
    curvature: squaredCurvature({ scale: 2 }),
    terms: [...output.shape.keys()].slice(1),
    loss: meanSquaredError,
    labels: (y) => fitTargets(output, y),
  }),
};
