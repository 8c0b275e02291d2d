import { createHash } from "node:crypto";
import {
  copyFileSync,
  createReadStream,
  createWriteStream,
  type Dirent,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { extname, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createBrotliCompress, createGzip } from "node:zlib";

const COMPRESSIBLE = new Set([
  ".css",
  ".csv",
  ".html",
  ".js",
  ".json",
  ".mjs",
  ".svg",
  ".txt",
  ".wasm",
  ".xml",
]);
/** From this size on, the last few percent of brotli would cost the first start half a minute. */
const LARGE_BYTES = 1_000_000;

/** Files with the same content, such as the graph engine for pages and for workers. */
function groupEqual(files: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
    const group = groups.get(hash);
    if (group) group.push(file);
    else groups.set(hash, [file]);
  }
  return [...groups.values()];
}

/** Compresses the first of some equal files and copies the results for the others. */
async function compress([file, ...copies]: readonly string[]): Promise<void> {
  const size = statSync(file).size;
  const large = size >= LARGE_BYTES;
  const encoders = {
    br: createBrotliCompress({
      params: {
        [constants.BROTLI_PARAM_QUALITY]: large ? 5 : constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: size,
      },
    }),
    gz: createGzip({ level: large ? 6 : 9 }),
  };
  for (const [ending, encoder] of Object.entries(encoders)) {
    await pipeline(createReadStream(file), encoder, createWriteStream(`${file}.${ending}`));
    for (const copy of copies) copyFileSync(`${file}.${ending}`, `${copy}.${ending}`);
  }
}

/** Writes a `.gz` and a `.br` beside every compressible file of `folder`. Returns those files, relative to `folder`. */
export async function precompress(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry: Dirent) => entry.isFile() && COMPRESSIBLE.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name));
  const size = ([file]: readonly string[]) => statSync(file).size;
  const waiting = groupEqual(files).sort((a, b) => size(b) - size(a));
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await compress(next);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return files.map((file) => relative(folder, file).replaceAll("\\", "/"));
}
