import { randomUUID } from "node:crypto";
import { access, link, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeHomeFolder } from "../files/home-folder.ts";
import { LatestWriter } from "../files/latest-writer.ts";
import type { Host } from "../host.ts";
import { writeAtomically } from "../results/report-files.ts";
import { type Plan, type Session, sessionText } from "./session.ts";

function baseName(plan: Plan): string {
  return [plan.command, ...plan.names.map((name) => name.replace("/", "-"))].join("-").slice(0, 100);
}

/** Nothing is being written for this long, in milliseconds. */
const STALE = 24 * 60 * 60 * 1000;

/** Removes what killed processes were writing. */
async function removeStale(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".tmp"));
  for (const path of names.map((name) => join(folder, name))) {
    // another process may have removed it
    const written = await stat(path).catch(() => undefined);
    if (written && Date.now() - written.mtimeMs > STALE) await rm(path, { force: true });
  }
}

/** Writes a file under the first free name, so that two runs that begin together never write the same one. */
async function createFresh(folder: string, plan: Plan, text: string): Promise<string> {
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, text, { flush: true });
    for (let i = 1; ; i++) {
      const file = join(folder, `${baseName(plan)}${i === 1 ? "" : `-${i}`}.checkpoint.json`);
      const free = await access(file).then(
        () => false,
        () => true,
      );
      if (!free) continue;
      try {
        await link(temporary, file);
        return file;
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      }
    }
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * The file in which a session keeps its progress. What is saved while a write is under way is written after it,
 * so that a run whose process is killed loses at most what it did in the last moments.
 */
export class CheckpointFile {
  readonly #home: string;
  readonly #args: readonly string[];
  readonly #sources: Host["sources"];
  #file: string | undefined;
  // A folder that cannot be written now may be later; `leave` says what is left at the end.
  readonly #writer = new LatestWriter<Session>((session) => this.#write(session));

  /**
   * @param host the folder of this program, and what identifies the sources of experiments
   * @param args the command's arguments with which the session continues, but for `--resume` and the file
   * @param file where the checkpoint goes; a new file in `home` when not given
   */
  constructor({ home, sources }: Pick<Host, "home" | "sources">, args: readonly string[], file?: string) {
    this.#home = home;
    this.#sources = sources;
    this.#args = args;
    this.#file = file;
  }

  /** Keeps the session soon, without being waited for. */
  save(session: Session): void {
    this.#writer.save(session);
  }

  async #text(session: Session): Promise<string> {
    return sessionText(session, { args: this.#args, sources: await this.#sources() });
  }

  async #write(session: Session): Promise<string> {
    const text = await this.#text(session);
    if (this.#file !== undefined) await writeAtomically(this.#file, text);
    else {
      const folder = await makeHomeFolder(this.#home, "checkpoints");
      await removeStale(folder);
      this.#file = await createFresh(folder, session.plan, text);
    }
    return this.#file;
  }

  /**
   * Writes the session for the last time and returns the file: in the system's folder for temporary files where its own
   * cannot be written.
   */
  async leave(session: Session): Promise<string> {
    await this.#writer.stop();
    try {
      return await this.#write(session);
    } catch {
      return createFresh(tmpdir(), session.plan, await this.#text(session));
    }
  }

  /** Removes the file: the session has come to its end. */
  async remove(): Promise<void> {
    await this.#writer.stop();
    if (this.#file !== undefined) await rm(this.#file, { force: true });
  }
}
