import { createWriteStream } from "node:fs";
import { lstat, readlink, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** The output and the errors of this process, by the names that systems give them. */
const STREAMS: Readonly<Record<string, "stdout" | "stderr">> = {
  "/dev/stdout": "stdout",
  "/dev/fd/1": "stdout",
  "/proc/self/fd/1": "stdout",
  "/dev/stderr": "stderr",
  "/dev/fd/2": "stderr",
  "/proc/self/fd/2": "stderr",
};

/** The stream of this process that a path names; undefined where it names something else. */
function streamNamed(file: string): NodeJS.WriteStream | undefined {
  const name = STREAMS[resolve(file)];
  return name === undefined ? undefined : process[name];
}

/** Whether a path is the output of this process. */
export function namesOutput(file: string): boolean {
  return streamNamed(file) === process.stdout;
}

/** Links that lead from one to the next are followed this far, as by Linux. */
const MOST_LINKS = 40;

/**
 * The file that is written where `file` is: what a link points to, whether or not it is there yet.
 *
 * @throws what the file system says of a circle of links
 */
export async function targetOf(file: string): Promise<string> {
  let target = file;
  for (let i = 0; i < MOST_LINKS; i++) {
    const found = await lstat(target).catch(() => undefined);
    if (!found?.isSymbolicLink()) return target;
    const there = await realpath(target).catch(() => undefined);
    if (there !== undefined) return there;
    target = resolve(dirname(target), await readlink(target));
  }
  return realpath(file);
}

/** Whether a path is there and is neither a file nor a folder: a pipe, a terminal or another device. */
export async function isDevice(file: string): Promise<boolean> {
  if (streamNamed(file)) return true;
  const there = await stat(file).catch(() => undefined);
  return there !== undefined && !there.isFile() && !there.isDirectory();
}

/** What a file is made of, in parts. */
type Content = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/**
 * Writes a file so that it is either there as a whole or as it was: under a temporary name, then renamed. A link stays,
 * and what it points to is written; a pipe, a device or a stream of this process is written to as it is.
 *
 * @throws what the file system says
 */
export async function writeWhole(file: string, content: Content): Promise<void> {
  const stream = streamNamed(file);
  // Beside what else the stream gets: opened by its path, a file that it goes to would be written from its beginning.
  if (stream) return pipeline(Readable.from(content), stream, { end: false });
  if (await isDevice(file)) return pipeline(Readable.from(content), createWriteStream(file));
  const target = await targetOf(file);
  const draft = `${target}.${process.pid}.tmp`;
  try {
    await writeFile(draft, content, { flush: true });
    await rename(draft, target);
  } finally {
    await rm(draft, { force: true });
  }
}
