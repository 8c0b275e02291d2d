import {
  array,
  cast,
  constant,
  type FloatType,
  importOnnx,
  reshape,
  slice,
  type Tensor,
} from "@gradus/graph";
import { ArgumentError } from "gradus/check";
import { compareExplanations, explainers, tracedModel } from "gradus/explain";
import { modelObjective } from "gradus/models";
import type { Explained, RowInput } from "../protocol.ts";
import { arrangementOf, inputArrays } from "./row-input.ts";

/** The deviation of noise, in units of the row's largest number. */
const NOISE = 0.1;
/** Perturbations of the row for each method that draws them. */
const SAMPLES = 500;

/** Mean cosine similarity of two families of methods, of each pair once and of none with itself. */
function agreement(
  cosine: ArrayLike<number>,
  count: number,
  a: readonly number[],
  b: readonly number[],
): number {
  let [sum, pairs] = [0, 0];
  for (const i of a)
    for (const j of b)
      if (i !== j) {
        sum += 1 - cosine[i * count + j];
        pairs += 1;
      }
  return pairs === 0 ? 1 : sum / pairs;
}

/** The inputs that read columns, for rows [n, features] of a graph. */
function inputTensors({ parts }: RowInput, rows: Tensor): Record<string, Tensor> {
  const [n] = rows.shape;
  const tensors: Record<string, Tensor> = {};
  let first = 0;
  for (const { name, dtype, shape, size, source } of parts) {
    if ("constant" in source) continue;
    const own = slice(rows, { axis: 1, start: first, end: first + size });
    first += size;
    tensors[name] = reshape(cast(own, dtype), [n, ...shape]);
  }
  return tensors;
}

/**
 * Explains one score of one row by the eight explainers, with zeros as what a removed feature is set to. Noise and
 * LIME's width are in units of the row, whose features may have any scale.
 *
 * @param column the number of the output that is explained
 * @param shape the shape of the outputs of a row
 * @throws ArgumentError where columns are whole numbers, or the outputs are no list of scores
 * @throws what `modelObjective`, `tracedModel` and `compareExplanations` throw
 */
export async function explainRow(
  file: Uint8Array,
  input: RowInput,
  values: readonly number[],
  {
    column,
    shape,
    dtype,
    output,
    signal,
  }: {
    column: number;
    shape: readonly number[];
    dtype: FloatType;
    output: string | undefined;
    signal: AbortSignal;
  },
): Promise<Explained> {
  const outputs = shape.reduce((product, size) => product * size, 1);
  if (outputs > 1 && shape.length > 1)
    throw new ArgumentError(
      `explanations are of one score or a list of them, and the output of a row is ${shape.join(" × ")}`,
    );
  const model = importOnnx(file);
  const row = Float64Array.from(values);
  const { features } = input;
  const whole = input.parts.find((part) => "columns" in part.source && !["f32", "f64"].includes(part.dtype));
  if (whole)
    throw new ArgumentError(
      `explanations change columns by fractions, and ${whole.name} takes whole numbers: give it a constant`,
    );
  const { scores } = modelObjective(model, {
    data: {
      inputs: inputArrays(input, 1, (_, column) => row[column]),
      labels: outputs > 1 ? array(BigInt64Array.of(0n)) : array(Float64Array.of(0)),
    },
    loss: outputs > 1 ? "cross-entropy" : "squared",
    output,
    ...arrangementOf(input),
  });
  const parameters = Object.fromEntries(
    Object.entries(model.parameters).map(([key, { data, shape: own }]) => [key, constant(data, own)]),
  );
  const ofRows = (rows: Tensor) => scores(parameters, inputTensors(input, rows));
  using traced = await tracedModel(ofRows, { features, output: outputs > 1 ? column : undefined, dtype });
  signal.throwIfAborted();
  const x = { rows: 1, columns: features, values: row };
  const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const length = Math.hypot(...row) || 1;
  const { names, explanations, cosine } = await compareExplanations(traced, x, {
    sigma: NOISE * largest,
    width: length,
    samples: SAMPLES,
    seed: 1,
    signal,
  });
  const members = (family: "additive" | "multiplicative") =>
    [...names.keys()].filter((k) => explainers[names[k]].family === family);
  const [additive, multiplicative] = [members("additive"), members("multiplicative")];
  const of = (a: readonly number[], b: readonly number[]) => agreement(cosine.values, names.length, a, b);
  return {
    ...(outputs > 1 && { column }),
    methods: names.map((method, k) => ({
      label: explainers[method].label,
      family: explainers[method].family,
      attributions: Array.from(explanations[k].attributions.values),
    })),
    agreement: {
      multiplicative: of(multiplicative, multiplicative),
      additive: of(additive, additive),
      between: of(multiplicative, additive),
    },
  };
}
