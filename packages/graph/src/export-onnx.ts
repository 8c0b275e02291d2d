import { isArrayValue } from "./arrays.ts";
import { checkFunction, checkOptions, shown } from "./check.ts";
import { InputError } from "./errors.ts";
import { describeModel } from "./onnx/messages.ts";
import type { ArrayValue } from "./runtime/runtime.ts";
import { isSpec, labeledConstant, type Tensor } from "./tensor.ts";
import { type Specs, type Traced, toOnnx, trace } from "./trace.ts";
import { flattenTree, type MapTree, type Tree, unflattenTree } from "./tree.ts";

export interface ExportOptions<C> {
  /** Arrays that replace inputs, such as trained parameters; they are stored in the file. */
  readonly constants?: C;
  /** A description of the model for readers. */
  readonly description?: string;
  /** Key-value metadata, such as `{ author, license }`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A tree of arrays as constants named by their paths. */
function namedConstants<V extends Tree<ArrayValue>>(values: V): MapTree<V, ArrayValue, Tensor> {
  const { leaves, paths, structure } = flattenTree(values, isArrayValue);
  return unflattenTree(
    structure,
    leaves.map(({ data, shape }, i) => labeledConstant(paths[i], data, shape)),
  ) as MapTree<V, ArrayValue, Tensor>;
}

/**
 * The ONNX file of a function, such as a trained model, for any runtime: operator set 21, IR version 10.
 *
 *     const file = exportOnnx(({ parameters, x }) => ({ logits: mlp(parameters, x) }), { x: f32("batch", 784) },
 *       { constants: { parameters: trained } });
 *
 * Inputs, outputs and constants are named by their paths (`logits`), a single one `input` or `output`. An output with
 * the same path as an input is named `output.<path>`.
 *
 * @param f from a tree of tensors (those of the signature and the constants) to a tree of tensors
 * @param specs the signature of the remaining inputs
 * @returns the bytes of the file
 * @throws InputError for an unknown option or one of the wrong type; with constants, when the signature is not an
 *   object of named inputs or has a key in common with the constants
 * @throws ShapeError, TypeMismatchError while tracing; GraphError when a tensor of another trace is used
 */
export function exportOnnx<
  const S extends Specs,
  O,
  C extends { readonly [key: string]: Tree<ArrayValue> } = Record<never, never>,
>(
  f: (inputs: Traced<S> & MapTree<C, ArrayValue, Tensor>) => O,
  specs: S,
  options: ExportOptions<C> = {},
): Uint8Array<ArrayBuffer> {
  checkFunction({ "exportOnnx: f": f });
  checkOptions("exportOnnx", options, ["constants", "description", "metadata"]);
  const { constants, description, metadata = {} } = options;
  const texts = Object.entries(metadata).map(([key, text]) => [`metadata.${key}`, text] as const);
  for (const [name, text] of [["description", description ?? ""] as const, ...texts])
    if (typeof text !== "string")
      throw new InputError(`exportOnnx: ${name} must be a string, got ${shown(text)}`);
  if (constants && (isSpec(specs) || Array.isArray(specs)))
    throw new InputError("exportOnnx: with constants, the signature must be an object of named inputs");
  for (const key in constants)
    if (Object.hasOwn(specs, key))
      throw new InputError(
        `exportOnnx: "${key}" is both an input and a constant; it must be only one of them`,
      );
  const given = f as (inputs: unknown) => O;
  const traced = trace(
    (inputs) => given(constants ? { ...inputs, ...namedConstants(constants) } : inputs),
    specs as Specs,
  );
  return describeModel(toOnnx(traced), { text: description, metadata });
}
