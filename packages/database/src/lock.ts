import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Who holds the embedded database. */
interface Holder {
  readonly pid: number;
  /** When that process began, so that a number given to another process is not taken for it. */
  readonly begun: string;
  readonly token: string;
}

/** The lock of a database folder, held by this process. */
export interface FolderLock {
  /** The process that held the lock before and ended without giving it back. */
  readonly abandonedBy?: number;
  release(): void;
}

/** The folder is open in another process. */
export class FolderLockedError extends Error {
  override name = "FolderLockedError";
}

/** The kernel's record of when a process began, where there is one. */
function processBegan(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return "unknown";
  }
}

function isAlive({ pid, begun }: Holder): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // No permission to signal it: it exists.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const now = processBegan(pid);
  return begun === "unknown" || now === "unknown" || begun === now;
}

function readHolder(path: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  const fields = /^\{"pid":(\d+),"begun":"([^"]*)","token":"([^"]*)"\}$/.exec(text);
  // Nobody holds a lock that is not one: a disk that was full, an edit by hand.
  return fields
    ? { pid: Number(fields[1]), begun: fields[2], token: fields[3] }
    : { pid: 0, begun: "never", token: text };
}

/** Creates the lock file whole or not at all: nobody sees it half written. */
function create(path: string, holder: Holder): boolean {
  const draft = `${path}.${holder.token}`;
  writeFileSync(draft, JSON.stringify(holder));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Moves a dead process's lock aside; if another process was quicker and it is its new lock, gives it back. */
function removeStale(path: string, stale: Holder): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved && moved.token !== stale.token) create(path, moved);
  rmSync(aside, { force: true });
}

/**
 * Takes the lock file at `path` for this process. PGlite takes none of its own, and two processes in one folder would
 * destroy it. A lock whose process is gone is taken over.
 *
 * @throws FolderLockedError when another process that is alive holds it
 */
export function lockFolder(path: string): FolderLock {
  mkdirSync(dirname(path), { recursive: true });
  const own: Holder = { pid: process.pid, begun: processBegan(process.pid), token: randomUUID() };
  let abandonedBy: number | undefined;
  for (let attempt = 0; attempt < 5; attempt++) {
    if (create(path, own) && readHolder(path)?.token === own.token)
      return {
        abandonedBy,
        release() {
          if (readHolder(path)?.token === own.token) rmSync(path, { force: true });
        },
      };
    const holder = readHolder(path);
    if (!holder) continue;
    if (isAlive(holder))
      throw new FolderLockedError(
        `the database beside ${path} is open in process ${holder.pid}; stop it first, ` +
          "or give this process a folder of its own with GRADUS_DATABASE_DIR",
      );
    abandonedBy = holder.pid || undefined;
    removeStale(path, holder);
  }
  throw new FolderLockedError(`the lock ${path} changes hands too quickly; start again`);
}
