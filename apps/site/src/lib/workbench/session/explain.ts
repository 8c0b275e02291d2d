import { array, constant, type FloatType, importOnnx, reshape, type Tensor } from "@gradus/graph";
import { compareExplanations, explainers, tracedModel } from "gradus/explain";
import { modelObjective } from "gradus/models";
import type { Explained, RowInput } from "../protocol.ts";

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

/**
 * Explains one score of one row by the eight explainers, with zeros as what a removed feature is set to. Noise and
 * LIME's width are in units of the row, whose features may have any scale.
 *
 * @param column the output that is explained
 * @throws what `modelObjective`, `tracedModel` and `compareExplanations` throw
 */
export async function explainRow(
  file: Uint8Array,
  { name, shape, features }: RowInput,
  values: readonly number[],
  {
    column,
    outputs,
    dtype,
    signal,
  }: { column: number; outputs: number; dtype: FloatType; signal: AbortSignal },
): Promise<Explained> {
  const model = importOnnx(file);
  const row = Float64Array.from(values);
  const typed = dtype === "f32" ? Float32Array.from(row) : row;
  const { scores } = modelObjective(model, {
    data: {
      inputs: { [name]: array(typed, [1, ...shape]) },
      labels: outputs > 1 ? array(BigInt64Array.of(0n)) : array(Float64Array.of(0)),
    },
    loss: outputs > 1 ? "cross-entropy" : "squared",
  });
  const parameters = Object.fromEntries(
    Object.entries(model.parameters).map(([key, { data, shape: own }]) => [key, constant(data, own)]),
  );
  const ofRows = (rows: Tensor) => scores(parameters, { [name]: reshape(rows, [rows.shape[0], ...shape]) });
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
    column,
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
