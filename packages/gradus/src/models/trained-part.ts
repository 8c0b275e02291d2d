import { type ArrayValue, add, array, type ImportedModel, matmul, reshape, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { varianceScaling } from "../nn/initializers.ts";
import type { randomStream } from "../random/stream.ts";
import { matrixForm } from "./matrix-form.ts";
import { trainableParameters } from "./trainable-parameters.ts";

/** What is trained of a model: whole arrays, and low-rank changes of matrices. */
export interface TunedParameters<T = ArrayValue> {
  /** Arrays that are trained themselves, by name. */
  readonly whole: Readonly<Record<string, T>>;
  /**
   * Of a matrix W [m, n] by name: W + B A with a [r, n] and b [m, r]. A kernel [m, c, ...] is a matrix [m, c ...]; several
   * matrices [..., m, n], as a recurrent layer has, have a [..., r, n] and b [..., m, r].
   */
  readonly adapters: Readonly<Record<string, { readonly a: T; readonly b: T }>>;
}

export interface TrainedPartOptions {
  readonly freeze: readonly string[];
  /** Rank of the low-rank changes; undefined trains the arrays themselves. */
  readonly lora: number | undefined;
  /** Names of the arrays that are trained whole whatever the other options say: those of a new head. */
  readonly head: readonly string[];
  /** Names of the arrays that are low-rank changes themselves, of weights that the file stores as integers. */
  readonly branches: readonly string[];
  readonly stream: ReturnType<typeof randomStream>;
}

/** A normal distribution with variance 1 / n for A [r, n]; B begins at 0, so that the model begins as it is. */
export const initialFactor = varianceScaling({ scale: 1, fan: "in", distribution: "normal" });

/**
 * The parameters that are trained, at their first values: those of `trainableParameters` and of a new head. With `lora`,
 * matrices, kernels of convolutions and the matrices of recurrent layers get low-rank changes, unless one of their sides
 * is no larger than the rank: these are trained whole (Hu et al., 2022, section 4.1). Vectors stay as they are. Changes of
 * weights that are stored as integers are arrays of the file.
 *
 * @throws ArgumentError for a pattern that matches nothing, when nothing is left to train, or naming the parameters of
 *   which there are no low-rank changes
 */
export function trainedPart(
  model: ImportedModel,
  { freeze, lora, head, branches, stream }: TrainedPartOptions,
): TunedParameters {
  const trainable = trainableParameters(model, freeze);
  const whole: Record<string, ArrayValue> = {};
  const adapters: Record<string, { a: ArrayValue; b: ArrayValue }> = {};
  const without: string[] = [];
  for (const [name, value] of Object.entries(model.parameters)) {
    const { shape, dtype } = value;
    const trained = Object.hasOwn(trainable, name);
    const itself = lora === undefined || branches.includes(name);
    if (head.includes(name) || (trained && itself)) whole[name] = value;
    else if (trained && lora !== undefined) {
      const form = matrixForm(model, name);
      if (form === undefined) without.push(`${name} [${shape.join(", ")}]`);
      if (!form || (dtype !== "f32" && dtype !== "f64")) continue;
      const { stack, rows: m, columns: n } = form;
      if (lora >= Math.min(m, n)) whole[name] = value;
      else {
        const length = stack.reduce((product, size) => product * size, m * lora);
        const zeros = dtype === "f32" ? new Float32Array(length) : new Float64Array(length);
        const a = initialFactor(stream.split(name), {
          shape: [...stack, lora, n],
          fanIn: n,
          fanOut: lora,
          dtype,
        });
        adapters[name] = { a, b: array(zeros, [...stack, m, lora]) };
      }
    }
  }
  if (without.length > 0)
    throw new ArgumentError(
      `lora: there are no low-rank changes of ${without.join(", ")}, which ${without.length === 1 ? "is no matrix" : "are no matrices"} of a linear, convolutional or recurrent layer; freeze ${without.length === 1 ? "it" : "them"}`,
    );
  if (Object.keys(whole).length + Object.keys(adapters).length === 0)
    throw new ArgumentError(
      lora === undefined || Object.keys(trainable).length === 0
        ? `freeze leaves nothing to train of the model's ${Object.keys(model.parameters).length} parameters`
        : "lora changes matrices, but none is among the parameters to train",
    );
  return { whole, adapters };
}

/** The model's parameters in a graph, at the values of the trained part. */
export function tunedTensors(
  { parameters }: ImportedModel,
  { whole, adapters }: TunedParameters<Tensor>,
  constantOf: (value: ArrayValue) => Tensor,
): Record<string, Tensor> {
  const changed = Object.entries(adapters).map(([name, { a, b }]) => {
    const { shape } = parameters[name];
    return [name, add(constantOf(parameters[name]), reshape(matmul(b, a), shape))] as const;
  });
  return { ...whole, ...Object.fromEntries(changed) };
}

/** The arrays of the trained part as a plain file has them: low-rank changes are added to their matrices. */
export function mergedArrays(
  { parameters }: ImportedModel,
  { whole, adapters }: TunedParameters,
): Record<string, ArrayValue> {
  const merged = Object.entries(adapters).map(
    ([name, { a, b }]) => [name, lowRankSum(parameters[name], b, a)] as const,
  );
  return { ...whole, ...Object.fromEntries(merged) };
}

/** W + B A for each matrix of W, summed in float64. */
function lowRankSum(W: ArrayValue, B: ArrayValue, A: ArrayValue): ArrayValue {
  const [rank, n] = A.shape.slice(-2);
  const [m] = B.shape.slice(-2);
  const sum = Float64Array.from(W.data, Number);
  const [a, b] = [Float64Array.from(A.data, Number), Float64Array.from(B.data, Number)];
  // Row i of all matrices: it is in the matrix i / m.
  for (let i = 0; i < b.length / rank; i++) {
    const first = Math.floor(i / m) * rank;
    for (let k = 0; k < rank; k++) {
      const factor = b[i * rank + k];
      for (let j = 0; j < n; j++) sum[i * n + j] += factor * a[(first + k) * n + j];
    }
  }
  return array(W.dtype === "f32" ? Float32Array.from(sum) : sum, W.shape);
}
