import { runtime as defaultRuntime } from "#runtime";
import { shown } from "./check.ts";
import { type CompileOptions, compileOptions } from "./compile.ts";
import { InputError, UnsupportedError } from "./errors.ts";
import { numericOutputs } from "./import/numeric-outputs.ts";
import type { ReadOnnxOptions } from "./import/read-onnx.ts";
import { wholeFile } from "./import/whole-file.ts";
import { checkFits, isNarrow, widenedTypes } from "./import/widened-types.ts";
import { arraysOf, type InputValue, inputSlot } from "./inputs.ts";
import { type NamedSpec, readSignature } from "./onnx/signature.ts";
import type { ArrayValue } from "./runtime/runtime.ts";
import { SessionLifetime } from "./runtime/session-lifetime.ts";
import type { Structure } from "./tree.ts";

/** A loaded ONNX file. Holds native memory: declare it with `using`, or call `dispose`. */
export interface OnnxModel extends Disposable {
  /** The named inputs; a dimension is a number or a name. */
  readonly inputs: readonly NamedSpec[];
  readonly outputs: readonly NamedSpec[];
  /** The file's key-value metadata. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Runs the model.
   *
   * @throws InputError naming the input that is missing or unknown, or has the wrong type or shape, or a
   *   value that does not fit the element type of the file
   * @throws DisposedError after `dispose`; GraphError when the runtime fails
   */
  run(inputs: Readonly<Record<string, InputValue>>): Promise<Readonly<Record<string, ArrayValue>>>;
  /** Rejects later runs, and frees the model after those in progress. */
  dispose(): void;
}

/** Options of `loadOnnx`: those of reading a file, and those of running it. */
export interface LoadOnnxOptions extends CompileOptions, ReadOnnxOptions {}

/**
 * Loads an ONNX file, such as one from `exportOnnx`, to run it with named inputs. A map of scores for each row, with
 * which scikit-learn's converter ends classifiers, is the array of the scores; outputs that are text are left out.
 *
 *     using model = await loadOnnx("digits.onnx");
 *     const { probabilities } = await model.run({ x });
 *
 * @param source the bytes of an ONNX file; or, as `readOnnx` takes it, the file's path or URL: tensors in other files of
 *   its folder are then read, too
 * @throws InputError for an unknown option, a source that is none of these, a file that cannot be read, or tensors in
 *   files that were not given
 * @throws UnsupportedError when the bytes are not an ONNX model, or an input is text, a sequence or a map, or has an
 *   element type that no array here holds
 * @throws GraphError when the runtime rejects the model
 * @throws the signal's reason on abort
 */
export async function loadOnnx(
  source: Uint8Array | string | URL,
  options: LoadOnnxOptions = {},
): Promise<OnnxModel> {
  compileOptions("loadOnnx", options, ["external", "signal"]);
  const { runtime = defaultRuntime, external, signal, ...sessionOptions } = options;
  const model = await wholeFile("loadOnnx", source, { external, signal });
  const numeric = readSignature(model).others.length > 0 ? numericOutputs(model) : model;
  const { inputs: stored, outputs: results, others, metadata } = readSignature(numeric);
  if (others.length > 0)
    throw new UnsupportedError(
      `loadOnnx: the outputs ${others.join(", ")} of the model are sequences or maps; supported are arrays`,
    );
  const inputs = stored.map(({ name, spec }) => ({ name, spec }));
  const outputs = results.map(({ name, spec }) => ({ name, spec }));
  const file = [...stored, ...results].some(({ elementType }) => isNarrow(elementType))
    ? widenedTypes(numeric, stored, results)
    : numeric;
  signal?.throwIfAborted();
  const loaded = await runtime.load(Uint8Array.from(file), sessionOptions);
  const session = new SessionLifetime(loaded, "model");
  const slots = inputs.map(({ name, spec }) => inputSlot(name, spec));
  const structure: Structure = {
    kind: "object",
    entries: inputs.map(({ name }) => [name, { kind: "leaf" }] as const),
  };
  const dispose = () => void session.dispose();
  return {
    inputs,
    outputs,
    metadata,
    async run(given) {
      session.assertUsable();
      if (typeof given !== "object" || given === null)
        throw new InputError(
          `the inputs of a model must be an object keyed by input name, got ${shown(given)}`,
        );
      for (const name of Object.keys(given))
        if (!inputs.some((input) => input.name === name))
          throw new InputError(
            `the model has no input ${name}; it has ${inputs.map((input) => input.name).join(", ")}`,
          );
      const arrays = arraysOf(slots, structure, given);
      for (const [i, input] of stored.entries()) checkFits(input, arrays[i]);
      const values = await session.run(arrays);
      return Object.fromEntries(outputs.map(({ name }, i) => [name, values[i]]));
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}
