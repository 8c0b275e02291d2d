import { unzipSync } from "fflate";
import { parseNpy } from "gradus/data";
import type { FileArray } from "../spectrum/read-data.ts";
import { SourceError } from "../spectrum/source.ts";

/**
 * The arrays of a file of NumPy's `savez` or `savez_compressed`, by name.
 *
 * @throws SourceError when it is not a ZIP archive of `.npy` files; DataError for an array that cannot be read
 */
export function parseNpz(bytes: Uint8Array, name: string): Readonly<Record<string, FileArray>> {
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
