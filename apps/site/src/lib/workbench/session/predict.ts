import type { OnnxModel } from "@gradus/graph";
import { DataError } from "gradus/check";
import type { Prediction, RowInput } from "../protocol.ts";
import { inputArrays } from "./row-input.ts";

/** Scores shown of one row. */
const MOST_SCORES = 1000;

/**
 * The first output of floating-point numbers of a model for one row, by ONNX Runtime. A file for a fixed number of rows is given the row as often.
 *
 * @throws GraphError when the runtime fails; what `inputArrays` throws; DataError when the output has no row for each row
 */
export async function predict(
  model: OnnxModel,
  input: RowInput,
  values: readonly number[],
): Promise<Pick<Prediction, "scores" | "shape">> {
  // A model whose rows are along another axis takes any number of them, here one.
  const elsewhere = input.parts.some(({ rowsAxis }) => rowsAxis);
  const { batch = 1 } = input;
  const arrays = inputArrays(input, batch, (_, column) => values[column]);
  const placed = input.parts.map(({ name, rowsAxis = 0, shape }) => {
    const given = arrays[name];
    return [name, rowsAxis === 0 ? given : { ...given, shape: shape.toSpliced(rowsAxis, 0, batch) }] as const;
  });
  const results = await model.run(Object.fromEntries(placed));
  const { name: output } =
    model.outputs.find(({ spec: { dtype } }) => dtype === "f32" || dtype === "f64") ?? model.outputs[0];
  const result = results[output];
  const size = result.data.length / batch;
  if (!Number.isInteger(size) || (!elsewhere && result.shape.length > 0 && result.shape[0] !== batch))
    throw new DataError(
      `the output ${output} has the shape [${result.shape.join(", ")}]: no row for each row`,
    );
  const scores = Array.from(result.data.subarray(0, Math.min(size, MOST_SCORES)), Number);
  return { scores, shape: elsewhere ? result.shape.filter((d) => d !== 1) : result.shape.slice(1) };
}
