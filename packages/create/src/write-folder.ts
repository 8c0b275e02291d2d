import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ProjectError } from "./errors.ts";

/** What an empty repository has. */
const MAY_BE_THERE = ".git";

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : undefined);

/** @returns whether the folder exists. @throws ProjectError when it holds files, or is one */
async function isThere(folder: string): Promise<boolean> {
  try {
    const entries = await readdir(folder);
    const others = entries.filter((entry) => entry !== MAY_BE_THERE);
    if (others.length === 0) return true;
    throw new ProjectError(
      `the folder must be new or empty, got ${folder}, which contains ${others.sort()[0]}`,
    );
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    if (codeOf(error) === "ENOTDIR")
      throw new ProjectError(`the folder must be new or empty, got ${folder}, where a file is in the way`);
    throw error;
  }
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/**
 * Makes a folder and those above it, one after another: Node's recursive `mkdir` never ends below /proc, where folders
 * cannot be made.
 *
 * @returns the first folder that was made; undefined where all were there
 */
async function makeFolders(folder: string): Promise<string | undefined> {
  if (await isFolder(folder)) return undefined;
  const parent = dirname(folder);
  const first = parent === folder ? undefined : await makeFolders(parent);
  try {
    await mkdir(folder);
  } catch (error) {
    // Another process may make it at the same time.
    if (!(await isFolder(folder))) throw error;
  }
  return first ?? folder;
}

async function writeFiles(folder: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<void> {
  for (const [path, content] of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content, { flag: "wx" });
  }
}

/** Moves everything in a folder to another, or nothing. */
async function moveEntries(from: string, to: string): Promise<void> {
  const moved: string[] = [];
  try {
    for (const entry of await readdir(from)) {
      await rename(join(from, entry), join(to, entry));
      moved.push(entry);
    }
  } catch (error) {
    for (const entry of moved) await rm(join(to, entry), { recursive: true, force: true });
    throw error;
  }
  await rmdir(from);
}

/** Removes folders that are empty, from one up to another. */
async function removeEmpty(from: string, to: string): Promise<void> {
  for (let folder = from; ; folder = dirname(folder)) {
    await rmdir(folder);
    if (folder === to) return;
  }
}

/**
 * Writes files into a new or empty folder, all of them or none: they are written beside their places and then moved.
 *
 * @param folder an absolute path; folders above it are made where they are missing
 * @param files contents by path, with forward slashes
 * @throws ProjectError when the folder holds anything but `.git`, or cannot be written to
 */
export async function writeFolder(
  folder: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<void> {
  let made: string | undefined;
  let staging: string | undefined;
  try {
    const exists = await isThere(folder);
    const parent = dirname(folder);
    if (!exists) made = await makeFolders(parent);
    // Within the folder where there is one: it may be the only one here that can be written to.
    staging = join(exists ? folder : parent, `.create-gradus-${randomUUID()}`);
    await mkdir(staging);
    await writeFiles(staging, files);
    if (exists) await moveEntries(staging, folder);
    else await rename(staging, folder);
  } catch (error) {
    if (staging) await rm(staging, { recursive: true, force: true });
    if (made) await removeEmpty(dirname(folder), made).catch(() => undefined);
    if (error instanceof ProjectError || codeOf(error) === undefined) throw error;
    // `EACCES: permission denied, mkdir '...'`: where the files are staged is nobody's business.
    const [reason] = (error as Error).message.split(", ");
    throw new ProjectError(`the project cannot be written to ${folder} (${reason})`, { cause: error });
  }
}
