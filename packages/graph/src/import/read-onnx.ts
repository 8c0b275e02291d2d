import { namedFile } from "#files";
import { checkOptions, shown } from "../check.ts";
import { InputError, UnsupportedError } from "../errors.ts";
import type { NamedFile } from "../files/contract.ts";
import { externalFiles } from "./external-files.ts";
import type { ExternalData } from "./read-tensor.ts";

/** An ONNX file with the files beside it that hold its tensors. */
export interface OnnxFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** By their names in the file, as `importOnnx` takes them. */
  readonly external: ExternalData;
}

export interface ReadOnnxOptions {
  /** Ends the reading with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Files that are not read, because their contents are given here, by their names in the model's file. */
  readonly external?: ExternalData;
}

/** The segments of a relative name; undefined when it leaves the folder, or names the folder itself. */
function segmentsInside(name: string): readonly string[] | undefined {
  if (/^(?:[\\/]|[a-z][a-z0-9+.-]*:)/i.test(name)) return undefined;
  const segments: string[] = [];
  for (const segment of name.split(/[\\/]/)) {
    if (segment === "..") {
      if (segments.pop() === undefined) return undefined;
    } else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return segments.length > 0 ? segments : undefined;
}

async function bytesOf(file: NamedFile, signal: AbortSignal | undefined) {
  try {
    return await file.read(signal);
  } catch (cause) {
    signal?.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`readOnnx: ${file.name} cannot be read: ${reason}`, { cause });
  }
}

/**
 * Reads an ONNX file, and the files of its folder that hold its tensors.
 *
 *     const { bytes, external } = await readOnnx("classifier.onnx");
 *     const model = importOnnx(bytes, { external });
 *
 * @param source an address, or a path in Node; in a page addresses may be relative to its own
 * @throws InputError for an unknown option, a file that cannot be read, or tensors outside of the file's folder
 * @throws UnsupportedError when the file is not an ONNX model
 * @throws the signal's reason on abort
 */
export async function readOnnx(source: string | URL, options: ReadOnnxOptions = {}): Promise<OnnxFile> {
  checkOptions("readOnnx", options, ["signal", "external"]);
  if (!(source instanceof URL) && (typeof source !== "string" || source === ""))
    throw new InputError(`readOnnx: the file must be a path or a URL, got ${shown(source)}`);
  const { signal, external: given = {} } = options;
  signal?.throwIfAborted();
  const file = namedFile(source);
  const bytes = await bytesOf(file, signal);
  if (bytes.length === 0) throw new UnsupportedError("not an ONNX model: the file is empty");
  const external: Record<string, Uint8Array> = { ...given };
  for (const name of externalFiles(bytes)) {
    if (Object.hasOwn(external, name)) continue;
    const segments = segmentsInside(name);
    if (!segments)
      throw new InputError(
        `readOnnx: ${file.name} wants tensors from ${shown(name)}, which is not in its folder`,
      );
    external[name] = await bytesOf(file.beside(segments), signal);
  }
  return { bytes, external };
}
