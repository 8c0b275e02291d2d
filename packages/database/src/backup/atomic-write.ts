import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolders } from "../make-folder.ts";

/** Readable by the owner only: a backup contains personal data. */
const PRIVATE = 0o600;

/** The ending of a file that is still being written. */
export const DRAFT = ".draft";

/** Writes `file` atomically: `write` fills a draft beside it, which is renamed once it is on disk. */
export async function writeAtomically(file: string, write: (draft: string) => Promise<void>): Promise<void> {
  makeFolders(dirname(file));
  const draft = `${file}${DRAFT}`;
  try {
    const created = await open(draft, "w", PRIVATE);
    await created.close();
    await write(draft);
    const written = await open(draft, "r+");
    await written.sync();
    await written.close();
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
