// Hashes of sources, by which what was made from them is known to be up to date.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./workspace.mjs";

const skipped = new Set(["node_modules", "build", "tests"]);
/** Folders whose names begin with a dot keep what programs write, such as the data of a running server. */
const holdsSources = (folder) => !skipped.has(folder) && !folder.startsWith(".");

/** What `read` gives, or nothing where the path is gone, such as a file that an editor had for a moment. */
function unlessGone(read) {
  try {
    return read();
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  }
}

function* files(folder) {
  const entries = unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && holdsSources(entry.name)) yield* files(path);
    else if (entry.isFile() && !/\.test\.ts$/.test(entry.name)) yield path;
  }
}

/**
 * A hash of the files at paths of the repository, without tests, what is built and what running programs keep.
 * @throws Error when one of the paths does not exist
 */
export function hashOf(paths) {
  const hash = createHash("sha256");
  const all = paths.map((path) => join(root, path));
  for (const file of all.flatMap((path) => (statSync(path).isFile() ? [path] : [...files(path)]))) {
    const content = unlessGone(() => readFileSync(file));
    if (content)
      hash
        .update(`${relative(root, file)}\0`)
        .update(content)
        .update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}
