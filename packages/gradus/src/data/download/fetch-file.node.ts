import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DataError } from "../../check/errors.ts";
import { DownloadError, type FetchRequest } from "./contract.ts";
import { BrokenTransfer, type Transfer, transfer } from "./transfer.node.ts";

/** Whether the file of a file: URL exists. */
export async function fileExists(url: URL): Promise<boolean> {
  return access(url).then(
    () => true,
    () => false,
  );
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/**
 * Makes a folder and those above it, one after another: Node's recursive `mkdir` never ends below /proc, where folders
 * cannot be made.
 */
async function makeFolders(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) await makeFolders(parent);
  try {
    await mkdir(folder);
  } catch (error) {
    // Another process may make it at the same time.
    if (!(await isFolder(folder))) throw error;
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** What is wrong with the content, or undefined if nothing is. */
async function complaint(part: string, { sha256, verify }: FetchRequest): Promise<string | undefined> {
  if (sha256 !== undefined) {
    const got = await sha256Of(part);
    return got === sha256 ? undefined : `SHA-256 must be ${sha256}, got ${got}`;
  }
  try {
    verify?.(new Uint8Array(await readFile(part)));
    return undefined;
  } catch (error) {
    if (error instanceof DataError) return error.message;
    throw error;
  }
}

/** Downloads the whole file from one address into `part` and checks it. */
async function fetchFrom(url: string, part: string, request: FetchRequest): Promise<void> {
  const { sha256, signal, retries = 4, retryDelay = 500 } = request;
  // Bytes from an earlier process can be trusted only if a checksum covers the whole file.
  if (sha256 === undefined) await rm(part, { force: true });
  let validator: string | undefined;
  let broken = 0;
  for (;;) {
    const before = await sizeOf(part);
    let result: Transfer;
    try {
      result = await transfer(url, part, { ...request, from: before, validator });
    } catch (error) {
      if (!(error instanceof BrokenTransfer)) throw error;
      if (broken === retries) throw new DownloadError(`${error.message}, after ${retries + 1} attempts`);
      validator = error.validator ?? validator;
      if (sha256 === undefined && validator === undefined) await rm(part, { force: true });
      await delay(retryDelay * 2 ** broken, undefined, { signal });
      broken += 1;
      continue;
    }
    const wrong = await complaint(part, request);
    if (wrong === undefined) return;
    await rm(part, { force: true });
    // The pieces may be of two versions of the file; one whole transfer shows whether the address is at fault.
    if (result.resumed && broken < retries) broken += 1;
    else throw new DownloadError(wrong);
  }
}

/** What the file system says; the network says it otherwise. */
const isOfFiles = (error: unknown): error is Error => error instanceof Error && "syscall" in error;

/**
 * Downloads a file from the first address that has it. A broken transfer is resumed (HTTP Range) after a growing pause;
 * the file appears under its name only when it is complete and checked. After an abort the received bytes are kept, and
 * the next call resumes from them if the file has a checksum.
 *
 * @throws DownloadError saying for every address what went wrong; with a cause, that the file cannot be written
 * @throws the signal's reason when it is aborted
 */
export async function fetchFile(request: FetchRequest): Promise<void> {
  try {
    await fetchFromAny(request);
  } catch (cause) {
    request.signal?.throwIfAborted();
    if (!isOfFiles(cause)) throw cause;
    const folder = dirname(fileURLToPath(request.target));
    throw new DownloadError(
      `cannot write into ${folder} (${cause.message}); set GRADUS_DATA_DIR to a writable folder`,
      { cause },
    );
  }
}

async function fetchFromAny(request: FetchRequest): Promise<void> {
  const { urls, target, signal } = request;
  const path = fileURLToPath(target);
  const part = `${path}.part`;
  await makeFolders(dirname(path));
  const failures: string[] = [];
  for (const url of urls) {
    try {
      await fetchFrom(url, part, request);
      await rename(part, path);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof DownloadError)) throw error;
      failures.push(`${url}: ${error.message}`);
    }
  }
  throw new DownloadError(`${path} could not be downloaded.\n${failures.join("\n")}`);
}
