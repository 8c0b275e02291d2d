import { ArgumentError, DataError } from "../check/errors.ts";
import { checkFunction, checkOptions } from "../check/options.ts";
import { type ByteSource, byteChunks, joined, type ReadingOptions, readingOptions } from "./byte-source.ts";
import { InexactError } from "./inexact-error.ts";
import { holdsText, type NpyArray, parseNpy } from "./npy.ts";
import { zipContent, zipEntries } from "./zip.ts";

/** Options of `readNpz`. */
export interface NpzOptions extends ReadingOptions {
  /** What the file is called in error messages. */
  readonly name?: string;
  /** The names of the arrays to read; all by default. Others are not decompressed. */
  readonly arrays?: readonly string[];
  /**
   * Is told the name of an array of text or objects, or of integers that float64 would round, which is then left out, and
   * what `parseNpy` says of it; without it such an array is an error.
   */
  onText?(array: string, reason: DataError): void;
}

const ENDING = ".npy";

async function whole(source: ByteSource, options: ReadingOptions): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  for await (const chunk of byteChunks(source, options)) parts.push(chunk.slice());
  return joined(parts);
}

/**
 * Reads the arrays of NumPy's `savez` and `savez_compressed` by their names, each as `parseNpy` reads it:
 *
 *     const { images, labels } = await readNpz(await readFile("digits.npz"));
 *
 * The archive may use ZIP64. Files in it that are not called `.npy` are left out.
 * Source: NumPy Enhancement Proposal 1; PKWARE, ".ZIP File Format Specification", 6.3.10.
 *
 * @throws ArgumentError for an unknown option or `arrays` that are no list of names
 * @throws DataError when the bytes are no ZIP archive, it is truncated, encrypted or damaged (each array's CRC-32 is
 *   compared), two arrays have the same name, there is no array of a name asked for, and what `parseNpy` throws, as for
 *   arrays of objects: nothing is unpickled
 * @throws what the source throws, and the signal's reason
 */
export async function readNpz(
  source: ByteSource,
  options: NpzOptions = {},
): Promise<Readonly<Record<string, NpyArray>>> {
  checkOptions("readNpz", options, ["name", "arrays", "onText", ...readingOptions]);
  const { name = "NPZ", arrays, onText } = options;
  if (onText !== undefined) checkFunction({ onText });
  if (arrays !== undefined && !(Array.isArray(arrays) && arrays.every((one) => typeof one === "string")))
    throw new ArgumentError("arrays must be a list of names");
  const bytes = await whole(source, options);
  const entries = new Map<string, ReturnType<typeof zipEntries>[number]>();
  for (const entry of zipEntries(bytes, name)) {
    if (!entry.name.endsWith(ENDING)) continue;
    const key = entry.name.slice(0, -ENDING.length);
    if (entries.has(key)) throw new DataError(`${name} has two arrays called "${key}"`);
    entries.set(key, entry);
  }
  const found: [string, NpyArray][] = [];
  for (const key of arrays ?? entries.keys()) {
    const entry = entries.get(key);
    if (!entry)
      throw new DataError(
        `${name} has no array "${key}"; it has ${[...entries.keys()].join(", ") || "none"}`,
      );
    options.signal?.throwIfAborted();
    const content = await zipContent(bytes, entry, name);
    try {
      found.push([key, parseNpy(content, { name: `${key} of ${name}` })]);
    } catch (error) {
      if (!onText || !(error instanceof DataError)) throw error;
      if (!(error instanceof InexactError) && !holdsText(content)) throw error;
      onText(key, error);
    }
  }
  return Object.fromEntries(found);
}
