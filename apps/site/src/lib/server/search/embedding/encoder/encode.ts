import type { OnnxModel } from "@gradus/graph";
import type { Tokenizer } from "./wordpiece.ts";

/** The inputs that sentence encoders take: numbers of pieces, 1 where there is one, and all of the first sentence. */
const INPUTS = ["input_ids", "attention_mask", "token_type_ids"];

/** The name of the output with a vector for every piece. */
function hiddenOf({ inputs, outputs }: OnnxModel): string {
  for (const { name, spec } of inputs)
    if (!INPUTS.includes(name) || spec.dtype !== "i64")
      throw new Error(`model.onnx takes ${name} (${spec.dtype}); expected ${INPUTS.join(", ")} (i64)`);
  const hidden =
    outputs.find(({ name }) => name === "last_hidden_state") ??
    outputs.find(({ spec }) => spec.shape.length === 3);
  if (hidden?.spec.dtype !== "f32")
    throw new Error(
      `model.onnx has the outputs ${outputs.map(({ name, spec }) => `${name} (${spec.dtype})`).join(", ")}; expected last_hidden_state (f32, batch x tokens x dimension)`,
    );
  return hidden.name;
}

/**
 * The encoder of a model and its tokenizer: the mean of the pieces' vectors, scaled to length 1.
 *
 * @throws Error when the model takes or gives something else than sentence encoders do
 *
 * Source: Reimers & Gurevych 2019, "Sentence-BERT", section 3, "MEAN-strategy".
 */
export function sentenceEncoder(model: OnnxModel, tokenize: Tokenizer) {
  const output = hiddenOf(model);
  return async (texts: readonly string[]): Promise<Float32Array[]> => {
    const rows = texts.map(tokenize);
    const length = Math.max(...rows.map((row) => row.length));
    const shape = [rows.length, length];
    const fill = (valueAt: (row: readonly number[], i: number) => number) => ({
      dtype: "i64" as const,
      shape,
      data: BigInt64Array.from({ length: rows.length * length }, (_, at) =>
        BigInt(valueAt(rows[Math.floor(at / length)], at % length)),
      ),
    });
    const all: Record<string, ReturnType<typeof fill>> = {
      input_ids: fill((row, i) => row[i] ?? 0),
      attention_mask: fill((row, i) => (i < row.length ? 1 : 0)),
      token_type_ids: fill(() => 0),
    };
    const given = Object.fromEntries(model.inputs.map(({ name }) => [name, all[name]]));
    const { data, shape: found } = (await model.run(given))[output];
    const dimension = found[found.length - 1];
    return rows.map((row, r) => {
      const mean = new Float32Array(dimension);
      for (let i = 0; i < row.length; i++)
        for (let k = 0; k < dimension; k++) mean[k] += Number(data[(r * length + i) * dimension + k]);
      const norm = Math.hypot(...mean) || 1;
      return mean.map((value) => value / norm);
    });
  };
}
