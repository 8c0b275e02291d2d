import { randomUUID } from "node:crypto";
import { access, link, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder, writeAtomically } from "../results.ts";
import { type Plan, type Session, sessionText } from "../session.ts";

/** Where checkpoints are kept below the folder of this program. */
export function checkpointsFolder(home: string): string {
  return join(home, "checkpoints");
}

function baseName(plan: Plan): string {
  return [plan.command, ...plan.names.map((name) => name.replace("/", "-"))].join("-").slice(0, 100);
}

/** Writes a file under the first free name, so that two runs that begin together never write the same one. */
async function createFresh(folder: string, plan: Plan, text: string): Promise<string> {
  await makeFolder(folder);
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  await writeFile(temporary, text, { flush: true });
  try {
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

/** In units of the time that a write took: writing takes at most a tenth of the time. */
const PAUSE = 9;

/**
 * The file in which a sitting keeps how far it has come. What is saved while a write is under way is written after it,
 * so that a run whose process is killed loses at most what it did in the last moments.
 */
export class CheckpointFile {
  readonly #home: string;
  readonly #words: readonly string[];
  #file: string | undefined;
  #waiting: Session | undefined;
  #working: Promise<void> | undefined;
  #hurry: () => void = () => {};
  #ended = false;

  /**
   * @param home the folder of this program
   * @param words the command's words with which a later sitting goes on, but for `--resume` and the file
   * @param file where the checkpoint goes; a new file in `home` when not given
   */
  constructor(home: string, words: readonly string[], file?: string) {
    this.#home = home;
    this.#words = words;
    this.#file = file;
  }

  /** Keeps the session soon, without being waited for. */
  save(session: Session): void {
    this.#waiting = session;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    while (this.#waiting) {
      const session = this.#waiting;
      this.#waiting = undefined;
      const begun = performance.now();
      // A folder that cannot be written now may be later; what is left at the end is told by `leave`.
      await this.#write(session).catch(() => undefined);
      if (!this.#ended) await this.#rest((performance.now() - begun) * PAUSE);
    }
  }

  #rest(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #write(session: Session): Promise<string> {
    const text = sessionText(session, this.#words);
    if (this.#file === undefined)
      this.#file = await createFresh(checkpointsFolder(this.#home), session.plan, text);
    else await writeAtomically(this.#file, text);
    return this.#file;
  }

  async #end(): Promise<void> {
    this.#ended = true;
    this.#waiting = undefined;
    this.#hurry();
    await this.#working;
  }

  /**
   * Writes the session for the last time and returns the file: in the system's folder for temporary files where its own
   * cannot be written.
   */
  async leave(session: Session): Promise<string> {
    await this.#end();
    try {
      return await this.#write(session);
    } catch {
      return createFresh(tmpdir(), session.plan, sessionText(session, this.#words));
    }
  }

  /** Removes the file: the session has come to its end. */
  async remove(): Promise<void> {
    await this.#end();
    if (this.#file !== undefined) await rm(this.#file, { force: true });
  }
}
