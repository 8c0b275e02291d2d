import { type ArrayValue, add, array, type ImportedModel, matmul, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { varianceScaling } from "../nn/initializers.ts";
import type { randomStream } from "../random/stream.ts";
import { trainableParameters } from "./trainable-parameters.ts";

/** What is trained of a model: whole arrays, and low-rank changes of matrices. */
export interface TunedParameters<T = ArrayValue> {
  /** Arrays that are trained themselves, by name. */
  readonly whole: Readonly<Record<string, T>>;
  /** Of a matrix W [m, n] by name: W + B A with a [r, n] and b [m, r]. */
  readonly adapters: Readonly<Record<string, { readonly a: T; readonly b: T }>>;
}

export interface TrainedPartOptions {
  readonly freeze: readonly string[];
  /** Rank of the low-rank changes; undefined trains the arrays themselves. */
  readonly lora: number | undefined;
  /** Names of the arrays that are trained whole whatever the other options say: those of a new head. */
  readonly head: readonly string[];
  readonly stream: ReturnType<typeof randomStream>;
}

/** A normal distribution with variance 1 / n for A [r, n]; B begins at 0, so that the model begins as it is. */
const initialA = varianceScaling({ scale: 1, fan: "in", distribution: "normal" });

/**
 * The parameters that are trained, at their first values: those of `trainableParameters` and of a new head. With `lora`,
 * matrices get low-rank changes, unless one of their sides is no larger than the rank: these are trained whole (Hu et
 * al., 2022, section 4.1).
 *
 * @throws ArgumentError for a pattern that matches nothing, or when nothing is left to train
 */
export function trainedPart(
  model: ImportedModel,
  { freeze, lora, head, stream }: TrainedPartOptions,
): TunedParameters {
  const trainable = trainableParameters(model, freeze);
  const whole: Record<string, ArrayValue> = {};
  const adapters: Record<string, { a: ArrayValue; b: ArrayValue }> = {};
  for (const [name, value] of Object.entries(model.parameters)) {
    const { shape, dtype } = value;
    const trained = Object.hasOwn(trainable, name);
    if (head.includes(name) || (trained && lora === undefined)) whole[name] = value;
    else if (trained && lora !== undefined && shape.length === 2) {
      const [m, n] = shape;
      if (dtype !== "f32" && dtype !== "f64") continue;
      if (lora >= Math.min(m, n)) whole[name] = value;
      else {
        const zeros = dtype === "f32" ? new Float32Array(m * lora) : new Float64Array(m * lora);
        const a = initialA(stream.split(name), { shape: [lora, n], fanIn: n, fanOut: lora, dtype });
        adapters[name] = { a, b: array(zeros, [m, lora]) };
      }
    }
  }
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
  const changed = Object.entries(adapters).map(
    ([name, { a, b }]) => [name, add(constantOf(parameters[name]), matmul(b, a))] as const,
  );
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

/** W + B A, summed in float64. */
function lowRankSum(W: ArrayValue, B: ArrayValue, A: ArrayValue): ArrayValue {
  const [m, n] = W.shape;
  const [rank] = A.shape;
  const sum = Float64Array.from(W.data, Number);
  const [a, b] = [Float64Array.from(A.data, Number), Float64Array.from(B.data, Number)];
  for (let i = 0; i < m; i++)
    for (let k = 0; k < rank; k++) {
      const factor = b[i * rank + k];
      for (let j = 0; j < n; j++) sum[i * n + j] += factor * a[k * n + j];
    }
  return array(W.dtype === "f32" ? Float32Array.from(sum) : sum, W.shape);
}
