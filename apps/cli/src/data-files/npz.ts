import type { DataError } from "gradus/check";
import { readNpz } from "gradus/data";
import { UsageError } from "../errors.ts";
import type { FileArray } from "./read-data.ts";
import { SourceError } from "./source-error.ts";

type Arrays = Readonly<Record<string, FileArray>>;

/** What a file of arrays holds. */
export interface Archive {
  /** The arrays by name. */
  readonly arrays: Arrays;
  /** What is said of those that cannot be read as numbers: of text, or of integers that float64 would round. */
  readonly texts: ReadonlyMap<string, DataError>;
}

/**
 * The arrays of a file of NumPy's `savez` or `savez_compressed`, by name.
 *
 * @throws SourceError when it has none; DataError when none can be read, it is not a ZIP archive of `.npy` files, or is damaged
 */
export async function readArrays(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Archive> {
  const texts = new Map<string, DataError>();
  const arrays = await readNpz(bytes, { name, onText: (array, why) => texts.set(array, why) });
  if (Object.keys(arrays).length > 0) return { arrays, texts };
  for (const why of texts.values()) throw why;
  throw new SourceError(`${name} holds no arrays`);
}

/**
 * The array of a file that `FILE.npz:NAME` names; the only one where there is no name.
 *
 * @throws UsageError when there are several and none is named; DataError for a name that the file does not have
 */
export async function readNamedArray(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  wanted: string | undefined,
): Promise<FileArray> {
  if (wanted !== undefined) return (await readNpz(bytes, { name, arrays: [wanted] }))[wanted];
  const { arrays } = await readArrays(bytes, name);
  const [first, ...more] = Object.keys(arrays);
  if (more.length > 0)
    throw new UsageError(
      `${name} has ${[first, ...more].join(", ")}: name one of them, as in ${name}:${first}`,
    );
  return arrays[first];
}

/**
 * The array that `--target` names, and the others.
 *
 * @throws UsageError when the file has no such array; DataError when it cannot be read
 */
export function takeArray(
  { arrays, texts }: Archive,
  target: string,
  name: string,
): { readonly found: FileArray; readonly others: Archive } {
  const why = texts.get(target);
  if (why) throw why;
  if (!Object.hasOwn(arrays, target))
    throw new UsageError(
      `--target: ${name} has no array "${target}"; it has ${Object.keys(arrays).join(", ")}`,
    );
  const { [target]: found, ...others } = arrays;
  return { found, others: { arrays: others, texts } };
}

/**
 * The array of an input's name; for the only input, the only array whatever its name.
 *
 * @throws DataError when the array of that name cannot be read
 */
export function arrayFor(input: string, { arrays, texts }: Archive, only: boolean): FileArray | undefined {
  if (Object.hasOwn(arrays, input)) return arrays[input];
  const why = texts.get(input);
  if (why) throw why;
  const [one, ...more] = Object.values(arrays);
  return only && more.length === 0 ? one : undefined;
}
