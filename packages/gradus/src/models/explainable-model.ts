import {
  type ArrayValue,
  array,
  type CompileOptions,
  type ImportedModel,
  type NamedSpec,
  reshape,
} from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { checkOptions } from "../check/options.ts";
import { type TracedExplainableModel, tracedModel } from "../explain/models/traced.ts";
import { batchOutput } from "./batch-output.ts";
import { arrangeInputs, type ModelInputOptions } from "./model-inputs.ts";

/** Which scores of a model are explained. */
export interface ExplainableModelOptions extends CompileOptions, ModelInputOptions {
  /** Name of the output, by default the first of floating-point numbers. */
  readonly output?: string;
  /** Which column of the output is explained; needed where there are several. */
  readonly column?: number;
  /** The sizes of a row, where the model leaves some of them open. */
  readonly row?: readonly number[];
}

/** The one input of a model whose rows have a known number of floats. */
function rowsOf(
  model: ImportedModel,
  row: readonly number[] | undefined,
): { readonly spec: NamedSpec["spec"]; readonly sizes: number[] } {
  const { inputs } = model;
  const shown = inputs.map(({ name, spec }) => `${name} ${spec.dtype}[${spec.shape.join(", ")}]`).join(", ");
  const [{ spec }] = inputs;
  const own = spec.shape.slice(1);
  const fits = row?.length === own.length && own.every((d, i) => typeof d === "string" || d === row[i]);
  if (row !== undefined && !(fits && row.every((size) => Number.isInteger(size) && size > 0)))
    throw new ArgumentError(`row must be the sizes of a row of ${shown}, got ${row}`);
  const sizes = row ? [...row] : own.map(Number);
  const float = spec.dtype === "f32" || spec.dtype === "f64";
  if (inputs.length > 1 || !float || sizes.length === 0 || !sizes.every(Number.isInteger))
    throw new ArgumentError(
      `the model must have one float input, rows of known size [rows, features, ...], got ${shown}; where sizes are open, give the option row, and other inputs by constants`,
    );
  return { spec, sizes };
}

const zeros = (dtype: "f32" | "f64", sizes: readonly number[]): ArrayValue => {
  const length = sizes.reduce((product, size) => product * size, 1);
  return array(dtype === "f32" ? new Float32Array(length) : new Float64Array(length), [1, ...sizes]);
};

/**
 * An imported model as one to explain, with gradients by reverse mode: the features of a row are the numbers of its
 * input, one after another.
 *
 *     using model = await explainableModel(importOnnx(await readFile("model.onnx")), { column: 1 });
 *     const { explanations } = await compareExplanations(model, rows);
 *
 * @throws ArgumentError for an unknown option, inputs other than one of floats, or a column out of range
 */
export async function explainableModel(
  model: ImportedModel,
  options: ExplainableModelOptions = {},
): Promise<TracedExplainableModel> {
  checkOptions("explainableModel", options, [
    ...["output", "column", "row", "constants", "batchAxes", "threads", "runtime"],
  ]);
  const { output, column, row, constants, batchAxes, threads, runtime } = options;
  const arranged = arrangeInputs(model, { constants, batchAxes });
  const { spec, sizes } = rowsOf(arranged, row);
  const dtype = spec.dtype === "f64" ? "f64" : "f32";
  const [{ name }] = arranged.inputs;
  const given = { [name]: zeros(dtype, sizes) };
  const { apply } = batchOutput(model, given, { output, constants, batchAxes }, (t) => t);
  return tracedModel((rows) => apply({ [name]: reshape(rows, [rows.shape[0], ...sizes]) }), {
    features: sizes.reduce((product, size) => product * size, 1),
    dtype,
    ...{ output: column, threads, runtime },
  });
}
