import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ArrayValue } from "@gradus/graph";
import { sizes } from "./sizes.ts";

export type Inputs = Readonly<Record<string, ArrayValue>>;

/** Larger inputs that are files of their own, by the case that reads them. */
export type Files = Readonly<Record<string, string>>;

const MANIFEST = "manifest.json";

interface Manifest {
  readonly sizes: typeof sizes;
  readonly files: Files;
  readonly arrays: Readonly<
    Record<string, { readonly dtype: ArrayValue["dtype"]; readonly shape: readonly number[] }>
  >;
}

/**
 * Writes inputs for the peers: one raw little-endian file an array, and a manifest of types, shapes, sizes and the
 * paths of other files.
 */
export function writeInputs(directory: string, inputs: Inputs, files: Files): void {
  mkdirSync(directory, { recursive: true });
  const arrays: Record<string, Manifest["arrays"][string]> = {};
  for (const [name, { dtype, shape, data }] of Object.entries(inputs)) {
    arrays[name] = { dtype, shape };
    writeFileSync(
      join(directory, `${name}.bin`),
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    );
  }
  const manifest: Manifest = { sizes, files, arrays };
  writeFileSync(join(directory, MANIFEST), JSON.stringify(manifest));
}

function readManifest(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, MANIFEST), "utf8"));
}

function readArray(file: string, dtype: ArrayValue["dtype"], shape: readonly number[]): ArrayValue {
  const { buffer } = Uint8Array.from(readFileSync(file));
  return { dtype, shape, data: dtype === "i64" ? new BigInt64Array(buffer) : new Float32Array(buffer) };
}

/** Reads what `writeInputs` wrote; an array's file when the array is first asked for. */
export function readInputs(directory: string): Inputs {
  const inputs: Record<string, ArrayValue> = {};
  for (const [name, { dtype, shape }] of Object.entries(readManifest(directory).arrays)) {
    let value: ArrayValue | undefined;
    Object.defineProperty(inputs, name, {
      get: () => (value ??= readArray(join(directory, `${name}.bin`), dtype, shape)),
    });
  }
  return inputs;
}

/** The path of the file that a case reads. */
export function filePath(directory: string, name: string): string {
  return readManifest(directory).files[name];
}
