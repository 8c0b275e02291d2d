import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { randomStream } from "gradus/random";
import { sizes } from "./sizes.ts";

const ROWS_AT_ONCE = 1000;

/**
 * The file of the LIBSVM case, made in `cache` where it is not there yet: the same bytes for the same seed.
 *
 * @returns its path
 */
export function libsvmFile(cache: string, seed: number, bytes: number = sizes.libsvm.bytes): string {
  const { entries, gap, digits } = sizes.libsvm;
  const path = join(cache, `rows-${bytes}-${entries.join("-")}-${gap}-${digits}-${seed}.libsvm.txt`);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const stream = randomStream(seed).split("libsvm");
  const row = (): string => {
    let text = stream.uniform() < 0.5 ? "-1" : "+1";
    const count = entries[0] + Math.floor((entries[1] - entries[0] + 1) * stream.uniform());
    for (let k = 0, column = 0; k < count; k++) {
      column += 1 + Math.floor(gap * stream.uniform());
      text += ` ${column}:${stream.normal().toPrecision(digits)}`;
    }
    return `${text}\n`;
  };
  const unfinished = `${path}.part`;
  const file = openSync(unfinished, "w");
  for (let written = 0; written < bytes; )
    written += writeSync(file, Array.from({ length: ROWS_AT_ONCE }, row).join(""));
  closeSync(file);
  renameSync(unfinished, path);
  return path;
}
