import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { externalFiles, GraphError, type ImportedModel, importOnnx } from "@gradus/graph";
import { GradusError } from "gradus/check";
import { UsageError } from "../errors.ts";
import { unreadable } from "../files/unreadable.ts";
import { SourceError } from "../spectrum/source.ts";

/** An ONNX file with the files beside it that hold its tensors. */
export interface ModelFile {
  readonly bytes: Uint8Array;
  readonly external: Readonly<Record<string, Uint8Array>>;
}

async function read(file: string): Promise<Uint8Array> {
  return readFile(file).then(
    (bytes) => new Uint8Array(bytes),
    (cause: unknown) => {
      throw new UsageError(unreadable(file, cause), { cause });
    },
  );
}

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
 * that gave them.
 *
 * @throws SourceError
 */
export function orSourceError<T>(file: string, run: () => T): T {
  const wrapped = (cause: unknown): never => {
    if (cause instanceof GraphError)
      throw new SourceError(`${file}: ${cause.message.replace(/^(importOnnx|linearHead): /, "")}`, { cause });
    if (!(cause instanceof GradusError)) throw cause;
    const message = OPTIONS.reduce(
      (text, [argument, option]) => text.replace(argument, option),
      cause.message,
    );
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
 * Reads an ONNX file and those of its own folder that hold its tensors.
 *
 * @throws UsageError for a file that cannot be read, or is outside the model's folder
 * @throws SourceError when it is not an ONNX model
 */
async function readModelFile(file: string): Promise<ModelFile> {
  const bytes = await read(file);
  if (bytes.length === 0) throw new SourceError(`${file}: not an ONNX model: the file is empty`);
  const folder = resolve(dirname(file));
  const external: Record<string, Uint8Array> = {};
  for (const name of orSourceError(file, () => externalFiles(bytes))) {
    const path = relative(folder, resolve(folder, name));
    if (path === "" || isAbsolute(name) || isAbsolute(path) || path.split(/[\\/]/)[0] === "..")
      throw new UsageError(`${file} wants tensors from ${name}, which is not in its folder`);
    external[name] = await read(join(folder, path));
  }
  return { bytes, external };
}

/** Reads and imports an ONNX file. @throws what `readModelFile` throws; SourceError for what cannot be imported */
export async function importModelFile(file: string): Promise<ModelFile & { readonly model: ImportedModel }> {
  const { bytes, external } = await readModelFile(file);
  return { bytes, external, model: orSourceError(file, () => importOnnx(bytes, { external })) };
}
