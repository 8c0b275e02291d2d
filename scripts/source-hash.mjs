// Hashes of sources, by which what was made from them is known to be up to date.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./workspace.mjs";

const skipped = new Set(["node_modules", "build", ".svelte-kit", "tests"]);

function* files(path) {
  if (statSync(path).isFile()) {
    yield path;
    return;
  }
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)))
    if (entry.isDirectory() ? !skipped.has(entry.name) : entry.isFile() && !/\.test\.ts$/.test(entry.name))
      yield* files(join(path, entry.name));
}

/** A hash of the files at paths of the repository, without tests and what is built. */
export function hashOf(paths) {
  const hash = createHash("sha256");
  for (const file of paths.flatMap((path) => [...files(join(root, path))]))
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  return hash.digest("hex").slice(0, 16);
}
