import type { OnnxModel } from "@gradus/graph";
import { DataError } from "gradus/check";
import type { Prediction, RowInput } from "../protocol.ts";
import { repeatedRow } from "./row-input.ts";

/** Scores shown of one row. */
const MOST_SCORES = 1000;

const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);

/**
 * An output of a model for one row, by ONNX Runtime: by default the first of floating-point numbers. A file for a fixed
 * number of rows is given the row as often.
 *
 * @throws GraphError when the runtime fails; what `repeatedRow` throws; DataError when the output has no row for each row
 */
export async function predict(
  model: OnnxModel,
  input: RowInput,
  values: readonly number[],
  wanted?: string,
): Promise<Pick<Prediction, "scores" | "shape">> {
  const { parts, batch = 1 } = input;
  const results = await model.run(repeatedRow(input, values, batch));
  const { name: output } =
    model.outputs.find(({ name }) => name === wanted) ??
    model.outputs.find(({ spec: { dtype } }) => dtype === "f32" || dtype === "f64") ??
    model.outputs[0];
  const { data, shape } = results[output];
  // Where the model has its rows along another axis, so may the output.
  const elsewhere = parts.some(({ rowsAxis }) => rowsAxis);
  const axis = elsewhere ? shape.indexOf(batch) : 0;
  if (shape.length > 0 && shape[axis] !== batch)
    throw new DataError(`the output ${output} has the shape [${shape.join(", ")}]: no row for each row`);
  const inner = product(shape.slice(axis + 1));
  const scores: number[] = [];
  for (let at = 0; at < data.length && scores.length < MOST_SCORES; at += inner * batch)
    scores.push(...Array.from(data.subarray(at, at + Math.min(inner, MOST_SCORES - scores.length)), Number));
  const row = shape.toSpliced(axis, 1);
  return { scores, shape: elsewhere ? row.filter((d) => d !== 1) : row };
}
