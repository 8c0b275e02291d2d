import { constants, existsSync, statSync } from "node:fs";
import { access, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative } from "node:path";
import { GradusError } from "gradus/check";

/** What a folder of this program is called in a project. */
const PROJECT_FOLDER = ".gradus";

/** What stands for the folder in help and messages where there is none: neither chosen, nor of a project, nor of a user. */
const NO_HOME = "$GRADUS_HOME";

/** The folder in which runs are kept cannot be written. */
export class HomeFolderError extends GradusError {
  override name = "HomeFolderError";
}

/** False, too, where the user may not look. */
function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The nearest folder, from this one upward, that has a `.gradus` or is a repository of Git. */
function projectOf(folder: string): string | undefined {
  if (isFolder(join(folder, PROJECT_FOLDER)) || existsSync(join(folder, ".git"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : projectOf(parent);
}

/** The folder of this program among the data of the user who runs it. */
async function userFolder(): Promise<string> {
  try {
    // It asks for the user's folder as soon as it is loaded.
    const { default: envPaths } = await import("env-paths");
    const { data } = envPaths("gradus", { suffix: "" });
    // With an empty HOME it would be a folder in whichever one the command runs.
    if (isAbsolute(data)) return data;
  } catch (error) {
    // A user without HOME and without an entry among the system's users.
    if (!(error instanceof Error && "syscall" in error && error.syscall === "uv_os_homedir")) throw error;
  }
  const { XDG_DATA_HOME: data = "" } = process.env;
  // The XDG specification says to ignore relative paths.
  return process.platform === "linux" && isAbsolute(data) ? join(data, "gradus") : NO_HOME;
}

/**
 * The folder in which everything of this program is kept: the one that was chosen; else `.gradus` of the project in
 * which the command runs; else the user's folder for data. Nothing is made: where none of them exists, the first that
 * needs it fails.
 *
 * @param chosen from the environment: GRADUS_HOME
 */
export async function findHome(cwd: string, chosen: string | undefined): Promise<string> {
  if (chosen) return chosen;
  const project = projectOf(cwd);
  // As it is called from here, to be short in messages.
  return project === undefined ? await userFolder() : relative(cwd, join(project, PROJECT_FOLDER));
}

/** What is kept there, each in a folder of its own. */
type Kept = "runs" | "checkpoints" | "collaborate" | "database" | "backups";

/** Where something is kept. */
export function homeFolder(home: string, kept: Kept): string {
  return join(home, kept);
}

async function makeWritable(folder: string): Promise<{ readonly isNew: boolean }> {
  // Help and lists, which name folders, make none.
  const { makeFolders } = await import("@gradus/database/make-folder");
  try {
    const made = makeFolders(folder);
    await access(folder, constants.W_OK);
    return { isNew: made !== undefined };
  } catch (cause) {
    throw cannotWrite(folder, cause);
  }
}

function cannotWrite(folder: string, cause: unknown): HomeFolderError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `cannot write into ${folder} (${reason}); set GRADUS_HOME to a writable folder`;
  return new HomeFolderError(message, { cause });
}

/**
 * Makes the folder of this program. Git leaves a new one out of the repository that it may be in.
 *
 * @throws HomeFolderError when it cannot be made or written into, or the user has none
 */
export async function makeHome(home: string): Promise<void> {
  if (home === NO_HOME)
    throw new HomeFolderError(
      "there is no folder for data: this user has no home folder; set GRADUS_HOME to a writable folder",
    );
  const { isNew } = await makeWritable(home);
  if (!isNew) return;
  const ignored = join(home, ".gitignore");
  try {
    await writeFile(ignored, "*\n");
  } catch (cause) {
    // makes the folder new again for the next attempt
    await rm(ignored, { force: true });
    await rmdir(home).catch(() => {});
    throw cannotWrite(home, cause);
  }
}

/**
 * Makes the folder where something is kept, and returns it.
 *
 * @throws HomeFolderError when it cannot be made or written into
 */
export async function makeHomeFolder(home: string, kept: Kept): Promise<string> {
  await makeHome(home);
  const folder = homeFolder(home, kept);
  await makeWritable(folder);
  return folder;
}
