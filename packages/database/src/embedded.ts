import { mkdirSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { lockFolder } from "./lock.ts";

/** Postgres in this process, its data in a folder that no other process has open. */
export interface EmbeddedPostgres {
  readonly client: PGlite;
  /** The process that had the folder before and ended without closing it. */
  readonly abandonedBy?: number;
  close(): Promise<void>;
}

/**
 * Opens the Postgres of a folder, which is made where it is missing.
 *
 * @throws FolderLockedError when another process has it open
 */
export async function openFolder(folder: string): Promise<EmbeddedPostgres> {
  const lock = lockFolder(`${folder}.lock`);
  try {
    mkdirSync(folder, { recursive: true });
    const client = await PGlite.create(folder);
    return {
      client,
      abandonedBy: lock.abandonedBy,
      async close() {
        await client.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
