import {
  GraphError,
  type ImportedModel,
  InputError,
  importOnnx,
  type OnnxFile,
  readOnnx,
} from "@gradus/graph";
import { GradusError } from "gradus/check";
import { SourceError } from "../data-files/source-error.ts";
import { UsageError } from "../errors.ts";

/** Options of the command line by the arguments of the library with which messages begin. */
const OPTIONS: readonly (readonly [argument: RegExp, option: string])[] = [
  [/\bdata\.labels:?(?= )/g, "--target"],
  [/\bdata\.inputs\.(\S+)(?= )/g, "--data $1"],
  [/\bconstants\.([^\s:]+)/g, "--constant $1"],
  [/\bbatchAxes\.([^\s:]+)/g, "--batch-axis $1"],
  [/^constants(?= )/, "--constant"],
  [/\bbatchAxes\b/, "--batch-axis"],
  [/^batchSize(?= )/, "--batch"],
  [/^(validation|freeze|lora)(?=[: ])/, "--$1"],
];

/**
 * Tells of errors of the graph engine as of the file that they are about, and of those about arguments as of the options
 * that gave them. Rows are counted from 1, as everywhere on the command line.
 *
 * @throws SourceError
 */
export function orSourceError<T>(file: string, run: () => T): T {
  const wrapped = (cause: unknown): never => {
    if (cause instanceof GraphError)
      throw new SourceError(`${file}: ${cause.message.replace(/^(importOnnx|linearHead|loadOnnx): /, "")}`, {
        cause,
      });
    if (!(cause instanceof GradusError)) throw cause;
    const message = OPTIONS.reduce(
      (text, [argument, option]) => text.replace(argument, option),
      cause.message,
    ).replace(/\b(in|at) row (\d+)/, (_, place, row) => `${place} row ${Number(row) + 1}`);
    throw message === cause.message ? cause : new SourceError(message, { cause });
  };
  try {
    const result = run();
    return result instanceof Promise ? (result.catch(wrapped) as T) : result;
  } catch (cause) {
    return wrapped(cause);
  }
}

/**
 * Reads an ONNX file, by its path or address, and those of its own folder that hold its tensors.
 *
 * @throws UsageError for a file that cannot be read, or is outside the model's folder
 * @throws SourceError when it is not an ONNX model
 */
export async function readModelFile(file: string): Promise<OnnxFile> {
  try {
    return await readOnnx(file);
  } catch (cause) {
    if (cause instanceof InputError)
      throw new UsageError(cause.message.replace(/^readOnnx: /, ""), { cause });
    return orSourceError(file, () => {
      throw cause;
    });
  }
}

/** Reads and imports an ONNX file. @throws what `readModelFile` throws; SourceError for what cannot be imported */
export async function importModelFile(file: string): Promise<OnnxFile & { readonly model: ImportedModel }> {
  const { bytes, external } = await readModelFile(file);
  return { bytes, external, model: orSourceError(file, () => importOnnx(bytes, { external })) };
}
