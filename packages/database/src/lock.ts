import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Who holds the embedded database. */
interface Holder {
  readonly pid: number;
  /** When that process started: its id may have been given to another process since. */
  readonly begun: string;
  readonly token: string;
}

/** The lock of a database folder, held by this process. */
export interface FolderLock {
  /** The previous holder, which exited without releasing the lock. */
  readonly abandonedBy?: number;
  release(): void;
}

/** The folder is open in another process. */
export class FolderLockedError extends Error {
  override name = "FolderLockedError";
  /** The process that has it open, where it is known. */
  readonly pid: number | undefined;

  constructor(message: string, pid?: number) {
    super(message);
    this.pid = pid;
  }
}

/** When a process started by the kernel's record, or "unknown". */
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
  // A malformed file (full disk, edited by hand) is held by nobody.
  return fields
    ? { pid: Number(fields[1]), begun: fields[2], token: fields[3] }
    : { pid: 0, begun: "never", token: text };
}

/** Creates the lock file atomically; false when it exists. */
function create(path: string, holder: Holder): boolean {
  const draft = `${path}.${holder.token}`;
  try {
    writeFileSync(draft, JSON.stringify(holder));
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes the lock of a dead process; puts it back if another process has replaced it meanwhile. */
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
 * Acquires the lock file at `path` for this process. PGlite has no lock of its own, and two processes in one folder
 * would corrupt it. The lock of a process that no longer runs is taken over.
 *
 * @throws FolderLockedError when a running process holds it
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
        `the database locked by ${path} is open in process ${holder.pid}; stop that process, ` +
          "or set GRADUS_DATABASE_DIR to another folder",
        holder.pid,
      );
    abandonedBy = holder.pid || undefined;
    removeStale(path, holder);
  }
  throw new FolderLockedError(`cannot acquire the lock ${path}: other processes keep taking it; try again`);
}
