import { join } from "node:path";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";
import { wrap } from "../terminal/text.ts";
import { prepareFolder } from "./report-files.ts";

const LOCK = ".gradus.lock";

/** Locks the folder; undefined where its file system cannot. @throws UsageError while a running process holds it */
async function lock({ err }: Pick<Host, "err">, folder: string): Promise<{ release(): void } | undefined> {
  const { FolderLockedError, lockFolder } = await import("@gradus/database/lock");
  const onWait = () =>
    writeLines(
      err,
      wrap(
        `--out: waiting up to 20 s to see whether a process of another container still writes into ${folder}.`,
        err.columns,
      ),
    );
  try {
    return lockFolder(join(folder, LOCK), onWait);
  } catch (cause) {
    // Some file systems have no hard links, and a folder of results must not depend on them.
    if (!(cause instanceof FolderLockedError)) return undefined;
    const holder = cause.pid === undefined ? "another process" : `process ${cause.pid}`;
    throw new UsageError(
      `--out: ${holder} is writing its results into ${folder}; wait for it, or choose another folder`,
      { cause },
    );
  }
}

/**
 * Keeps the folder of `--out` to one command from its first result to its last, so that no two mix their files. One that
 * was killed holds it no longer; where it was in another container that takes 20 s, which is said.
 *
 * @throws UsageError when it cannot be written into, or another command holds it
 */
export async function holdingResults<T>(
  host: Pick<Host, "err">,
  folder: string | undefined,
  act: () => Promise<T>,
): Promise<T> {
  if (folder === undefined) return act();
  await prepareFolder(folder, "--out");
  const held = await lock(host, folder);
  try {
    return await act();
  } finally {
    held?.release();
  }
}
