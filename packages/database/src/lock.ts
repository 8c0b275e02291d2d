import { randomUUID } from "node:crypto";
import {
  linkSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { makeFolder, notWritable } from "./make-folder.ts";
import { SETTING } from "./setting.ts";

/** Who holds the embedded database. */
interface Holder {
  readonly pid: number;
  /** When that process started: its id may have been given to another process since. */
  readonly begun: string;
  /** In which its id counts: containers number their processes anew. */
  readonly space: string;
  readonly token: string;
}

/** Milliseconds between two signs of life of a holder, and after which one that gave none has ended. */
const BEAT = 3_000;
const SILENCE = 20_000;
/** Milliseconds between two looks for them. */
const LOOK = 500;
/** Milliseconds after which whoever waits for one is told. */
const PATIENCE = 2_000;

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

/** The process numbers that this process sees, or "unknown". */
function processSpace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "unknown";
  }
}

/** Shows whoever cannot see this process that it is there. */
function giveSign(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // The folder is gone.
  }
}

/** Whether the holder of a lock whose number says nothing here gives a sign of life; waits for it, and says so. */
function givesSign(path: string, onWait: () => void): boolean {
  const beatAt = () => statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  const first = beatAt();
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < SILENCE; waited += LOOK) {
    if (waited === PATIENCE) onWait();
    Atomics.wait(pause, 0, 0, LOOK);
    const now = beatAt();
    if (now === undefined) return false;
    if (now !== first) return true;
  }
  return false;
}

function isAlive(path: string, { pid, begun, space }: Holder, onWait: () => void): boolean {
  if (pid <= 0) return false;
  if (space !== processSpace()) return givesSign(path, onWait);
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
  const fields = /^\{"pid":(\d+),"begun":"([^"]*)",(?:"space":"([^"]*)",)?"token":"([^"]*)"\}$/.exec(text);
  // A malformed file (full disk, edited by hand) is held by nobody.
  return fields
    ? { pid: Number(fields[1]), begun: fields[2], space: fields[3] ?? processSpace(), token: fields[4] }
    : { pid: 0, begun: "never", space: "unknown", token: text };
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
    throw notWritable(dirname(path), error, SETTING);
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
 * would corrupt it. The lock of a process that no longer runs is taken over; of one in another container, after it gave no
 * sign of life for 20 seconds.
 *
 * @param onWait called after 2 of these seconds; the process does nothing else while it waits
 * @throws FolderLockedError when a running process holds it
 * @throws FolderNotWritableError when it cannot be written
 */
export function lockFolder(path: string, onWait: () => void = () => {}): FolderLock {
  makeFolder(dirname(path), SETTING);
  const own: Holder = {
    pid: process.pid,
    begun: processBegan(process.pid),
    space: processSpace(),
    token: randomUUID(),
  };
  let abandonedBy: number | undefined;
  for (let attempt = 0; attempt < 5; attempt++) {
    if (create(path, own) && readHolder(path)?.token === own.token) {
      const beat = setInterval(() => giveSign(path), BEAT).unref();
      return {
        abandonedBy,
        release() {
          clearInterval(beat);
          if (readHolder(path)?.token === own.token) rmSync(path, { force: true });
        },
      };
    }
    const holder = readHolder(path);
    if (!holder) continue;
    if (isAlive(path, holder, onWait))
      throw new FolderLockedError(
        `the database locked by ${path} is open in process ${holder.pid}${holder.space === own.space ? "" : " of another container"}; stop that process, ` +
          `or set ${SETTING} to another folder`,
        holder.pid,
      );
    abandonedBy = holder.pid || undefined;
    removeStale(path, holder);
  }
  throw new FolderLockedError(`cannot acquire the lock ${path}: other processes keep taking it; try again`);
}
