import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const MODULE = /\.(m?[jt]s|json|wasm)$/;
const TEST = /[.-](test|testing)\./;

/**
 * Identifies the sources that experiments are made of: a digest of the names and contents of the modules in folders,
 * without tests.
 */
export async function sourcesDigest(folders: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of folders) {
    const names = (await readdir(folder, { recursive: true })).filter(
      (name) => MODULE.test(name) && !TEST.test(name),
    );
    // one after another: they take a part of a second, while an experiment computes
    for (const name of names.sort())
      hash
        .update(`${name}\0`)
        .update(await readFile(join(folder, name)))
        .update("\0");
  }
  return hash.digest("hex").slice(0, 32);
}
