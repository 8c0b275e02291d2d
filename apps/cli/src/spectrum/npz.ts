import { unzipSync } from "fflate";
import { parseNpy } from "gradus/data";
import { UsageError } from "../errors.ts";
import type { FileArray } from "../spectrum/read-data.ts";
import { SourceError } from "../spectrum/source.ts";

type Arrays = Readonly<Record<string, FileArray>>;

/**
 * The arrays of a file of NumPy's `savez` or `savez_compressed`, by name.
 *
 * @throws SourceError when it is not a ZIP archive of `.npy` files; DataError for an array that cannot be read
 */
export function parseNpz(bytes: Uint8Array, name: string): Arrays {
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, { filter: (entry) => entry.name.endsWith(".npy") });
  } catch (cause) {
    throw new SourceError(`${name} is not an .npz file: it is not a ZIP archive, or is damaged`, { cause });
  }
  const arrays = Object.entries(files).map(([file, content]) => {
    const key = file.slice(0, -".npy".length);
    return [key, parseNpy(content, { name: `${key} of ${name}` })] as const;
  });
  if (arrays.length === 0) throw new SourceError(`${name} holds no arrays`);
  return Object.fromEntries(arrays);
}

/** The array that `--target` names, and the others. @throws UsageError when the file has no such array */
export function takeArray(
  arrays: Arrays,
  target: string,
  name: string,
): { readonly found: FileArray; readonly others: Arrays } {
  if (!Object.hasOwn(arrays, target))
    throw new UsageError(
      `--target: ${name} has no array "${target}"; it has ${Object.keys(arrays).join(", ")}`,
    );
  const { [target]: found, ...others } = arrays;
  return { found, others };
}

/** The array of an input's name; for the only input, the only array whatever its name. */
export function arrayFor(input: string, arrays: Arrays, only: boolean): FileArray | undefined {
  if (Object.hasOwn(arrays, input)) return arrays[input];
  const [one, ...more] = Object.values(arrays);
  return only && more.length === 0 ? one : undefined;
}
