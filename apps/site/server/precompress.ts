import { createReadStream, createWriteStream, type Dirent, existsSync, readdirSync, statSync } from "node:fs";
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

/**
 * Writes a `.gz` and a `.br` beside every file of `folder` that gets smaller by it. Returns those files, relative to
 * `folder`.
 */
export async function precompress(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry: Dirent) => entry.isFile() && COMPRESSIBLE.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of files) {
    const size = statSync(file).size;
    const large = size >= LARGE_BYTES;
    await pipeline(
      createReadStream(file),
      createBrotliCompress({
        params: {
          [constants.BROTLI_PARAM_QUALITY]: large ? 5 : constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: size,
        },
      }),
      createWriteStream(`${file}.br`),
    );
    await pipeline(
      createReadStream(file),
      createGzip({ level: large ? 6 : 9 }),
      createWriteStream(`${file}.gz`),
    );
  }
  return files.map((file) => relative(folder, file).replaceAll("\\", "/"));
}
