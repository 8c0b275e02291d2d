import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ArrayValue } from "@gradus/graph";
import { sizes } from "./cases.ts";

export type Inputs = Readonly<Record<string, ArrayValue>>;

const MANIFEST = "manifest.json";

interface Manifest {
  readonly sizes: typeof sizes;
  readonly arrays: Readonly<
    Record<string, { readonly dtype: ArrayValue["dtype"]; readonly shape: readonly number[] }>
  >;
}

/** Writes inputs for the peers: one raw little-endian file an array, and a manifest of types, shapes and sizes. */
export function writeInputs(directory: string, inputs: Inputs): void {
  mkdirSync(directory, { recursive: true });
  const arrays: Record<string, Manifest["arrays"][string]> = {};
  for (const [name, { dtype, shape, data }] of Object.entries(inputs)) {
    arrays[name] = { dtype, shape };
    writeFileSync(
      join(directory, `${name}.bin`),
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    );
  }
  const manifest: Manifest = { sizes, arrays };
  writeFileSync(join(directory, MANIFEST), JSON.stringify(manifest));
}

/** Reads what `writeInputs` wrote. */
export function readInputs(directory: string): Inputs {
  const manifest: Manifest = JSON.parse(readFileSync(join(directory, MANIFEST), "utf8"));
  return Object.fromEntries(
    Object.entries(manifest.arrays).map(([name, { dtype, shape }]) => {
      const { buffer, byteOffset, byteLength } = Uint8Array.from(
        readFileSync(join(directory, `${name}.bin`)),
      );
      const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
      const data = dtype === "i64" ? new BigInt64Array(bytes) : new Float32Array(bytes);
      return [name, { dtype, shape, data }];
    }),
  );
}
