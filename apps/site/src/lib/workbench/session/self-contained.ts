import { externalFiles, replaceParameters } from "@gradus/graph";
import { bytesOfFile } from "../chosen-file.ts";

/** A model's file with all tensors in itself, as far as the files that hold them are there. */
export interface SelfContained {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Names of files with tensors that are not there: the bytes are the model's own then. */
  readonly missing: readonly string[];
}

const baseName = (path: string) => path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);

/**
 * A model with the tensors that it keeps in other files. Browsers tell the names of files without their folders, so that
 * a file is found by its name alone.
 *
 * @param beside files that were chosen with the model
 * @throws UnsupportedError when the bytes are not an ONNX model, or a file ends before its tensors do
 * @throws DataError when a file can no longer be read
 */
export async function selfContained(
  bytes: Uint8Array<ArrayBuffer>,
  beside: readonly File[],
): Promise<SelfContained> {
  const found = externalFiles(bytes).map(
    (name) => [name, beside.find((file) => file.name === baseName(name))] as const,
  );
  const missing = found.flatMap(([name, file]) => (file ? [] : [name]));
  if (found.length === 0 || missing.length > 0) return { bytes, missing };
  const external: Record<string, Uint8Array> = {};
  for (const [name, file] of found)
    if (file) external[name] = await bytesOfFile({ name: file.name, part: file });
  return { bytes: replaceParameters(bytes, {}, { external }), missing };
}
