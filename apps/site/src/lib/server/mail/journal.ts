import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "@gradus/database/make-folder";

/**
 * Which messages a server has taken, written before anything else is done: a process that ends between the server's
 * answer and the database's commit does not send them again.
 */
export interface HandOverJournal {
  record(id: number): void;
  has(id: number): boolean;
  /** Forgets all, once the database knows. */
  clear(): void;
  close(): void;
}

/** Opens the journal in a file, which is made when there is none. */
export function openJournal(file: string): HandOverJournal {
  makeFolder(dirname(file), "GRADUS_MAIL_DIR", 0o700);
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  // A line that was cut off names no message.
  const taken = new Set(lines.slice(0, -1).map(Number));
  const descriptor = openSync(file, "a", 0o600);
  return {
    record(id) {
      taken.add(id);
      writeSync(descriptor, `${id}\n`);
    },
    has: (id) => taken.has(id),
    clear() {
      taken.clear();
      ftruncateSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}
