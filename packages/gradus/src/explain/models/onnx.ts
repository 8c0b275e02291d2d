import type { ArrayValue, NamedSpec, OnnxModel } from "@gradus/graph";
import { alternatives, shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { checkSingleRows, type ExplainableModel } from "./contract.ts";

export interface OnnxModelOptions {
  /** The output with the scores: the first float output by default. */
  readonly output?: string;
  /** The column of that output to explain; needed where it has several. */
  readonly column?: number;
  /** d, where the file does not say how many numbers a row has. */
  readonly features?: number;
  /** The sizes of a row, such as [3, 32, 32], where the file leaves several open. */
  readonly row?: readonly number[];
}

function floatInput(session: OnnxModel): NamedSpec {
  if (typeof session?.run !== "function" || !Array.isArray(session.inputs))
    throw new ArgumentError(`session must be an ONNX model that loadOnnx opened, got ${shown(session)}`);
  const { inputs } = session;
  const [input, ...more] = inputs;
  if (input === undefined || more.length > 0)
    throw new ArgumentError(
      `the model must have one input, the rows, got ${inputs.length} (${inputs.map(({ name }) => name).join(", ")})`,
    );
  const { name, spec } = input;
  if ((spec.dtype !== "f32" && spec.dtype !== "f64") || spec.shape.length < 2)
    throw new ArgumentError(
      `the model's input ${name} must be float rows [rows, features], got ${spec.dtype}[${spec.shape.join(", ")}]`,
    );
  return input;
}

/** The trailing sizes of a row, and their product d. */
function rowShape(
  { name, spec }: NamedSpec,
  { features: given, row }: OnnxModelOptions,
): readonly [number[], number] {
  const trailing = spec.shape.slice(1);
  if (given !== undefined) checkPositiveInteger({ features: given });
  const shape = `${name} [${spec.shape.join(", ")}]`;
  const fits = (list: readonly number[]) =>
    list.length === trailing.length &&
    list.every(
      (size, i) =>
        Number.isInteger(size) && size > 0 && (typeof trailing[i] === "string" || trailing[i] === size),
    );
  if (row !== undefined && !(Array.isArray(row) && fits(row)))
    throw new ArgumentError(`row must be the sizes of a row of the input ${shape}, got ${shown(row)}`);
  const sizes =
    row ??
    (trailing.length === 1 && given !== undefined && typeof trailing[0] === "string"
      ? [given]
      : trailing.map(Number));
  if (!sizes.every(Number.isInteger))
    throw new ArgumentError(
      trailing.length === 1
        ? `the model does not say how many features its input ${shape} has; give the option features`
        : `the model does not say which sizes a row of its input ${shape} has; give the option row`,
    );
  const product = sizes.reduce((a, b) => a * b, 1);
  if (given !== undefined && given !== product)
    throw new ArgumentError(`features must be the model's ${product}, got ${given}`);
  return [[...sizes], product];
}

function scoreOutput({ outputs }: OnnxModel, wanted: string | undefined): NamedSpec {
  const floats = outputs.filter(({ spec }) => spec.dtype === "f32" || spec.dtype === "f64");
  const found = wanted === undefined ? floats[0] : floats.find(({ name }) => name === wanted);
  if (!found)
    throw new ArgumentError(
      wanted === undefined
        ? `the model has no float output; its outputs are ${outputs.map(({ name }) => name).join(", ")}`
        : `output must be ${alternatives(floats.map(({ name }) => name))}, got "${wanted}"`,
    );
  return found;
}

/** A model of an ONNX file. */
export interface OnnxExplainableModel extends ExplainableModel {
  /** All columns of the output: one row of scores for each row. */
  scores(rows: DenseMatrix): Promise<DenseMatrix>;
}

/**
 * An ONNX model as a model to explain, without gradients, since an ONNX session computes none: methods that need
 * gradients refuse it unless it is wrapped in `finiteDifferences`. A file with a fixed number of rows is run in batches
 * of that many.
 *
 *     using session = await loadOnnx("model.onnx");
 *     const model = onnxModel(session, { column: 1 });
 *
 * @param session of `loadOnnx`, with one float input [rows, ...]; it stays the caller's to dispose of
 * @throws ArgumentError when the inputs or outputs are others, an option does not fit or is unknown; from `values`, when
 *   the output has several columns and none is chosen
 */
export function onnxModel(session: OnnxModel, options: OnnxModelOptions = {}): OnnxExplainableModel {
  checkOptions("onnxModel", options, ["output", "column", "features", "row"]);
  const input = floatInput(session);
  const [sizes, features] = rowShape(input, options);
  const output = scoreOutput(session, options.output);
  const { column } = options;
  if (column !== undefined) checkIntegerWithin(0, Number.POSITIVE_INFINITY, { column });
  const [fixed] = input.spec.shape;
  const { dtype } = input.spec;

  async function batch(values: Float64Array, rows: number): Promise<ArrayValue> {
    if (dtype === "f32") checkSingleRows({ rows, columns: features, values });
    const data = dtype === "f32" ? Float32Array.from(values) : values;
    const results = await session.run({ [input.name]: { dtype, shape: [rows, ...sizes], data } });
    return results[output.name];
  }

  async function scores({ rows, values: x }: DenseMatrix): Promise<DenseMatrix> {
    const size = typeof fixed === "number" ? fixed : rows;
    let columns = 0;
    const parts: number[] = [];
    for (let from = 0; from < rows; from += size) {
      const count = Math.min(size, rows - from);
      let part = x.subarray(from * features, (from + count) * features);
      if (count < size) {
        const padded = new Float64Array(size * features);
        padded.set(part);
        part = padded;
      }
      const { data } = await batch(part, size);
      columns = data.length / size;
      for (let k = 0; k < count * columns; k++) parts.push(Number(data[k]));
    }
    return { rows, columns, values: Float64Array.from(parts) };
  }

  return {
    features,
    withoutGradients: "an ONNX session computes values only",
    scores,
    async values(rows) {
      const all = await scores(rows);
      if (all.columns > 1 && column === undefined)
        throw new ArgumentError(
          `column must be an integer from 0 to ${all.columns - 1}, the score of ${output.name} to explain, got undefined`,
        );
      checkIntegerWithin(0, all.columns - 1, { column: column ?? 0 });
      return Float64Array.from({ length: rows.rows }, (_, i) => all.values[i * all.columns + (column ?? 0)]);
    },
  };
}
