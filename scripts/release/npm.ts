// npm, as the release calls it.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ReleaseError } from "./release-error.ts";

const run = promisify(execFile);
const windows = process.platform === "win32";

/** The environment without the variables of an outer `npm run`, which would send npm to the outer package. */
function outerEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name),
    ),
  );
}

/**
 * Runs npm in a folder and returns what it printed.
 *
 * @param environment set beside that of this process
 * @throws ReleaseError with what it printed when it fails
 */
export async function npmWith(
  folder: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  try {
    const { stdout } = await run(windows ? "npm.cmd" : "npm", words, {
      cwd: folder,
      env: { ...outerEnvironment(), ...environment },
      shell: windows,
      maxBuffer: 1 << 26,
    });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new ReleaseError(`npm ${words.join(" ")} failed in ${folder}:\n${stdout}${stderr}`, {
      cause: error,
    });
  }
}

/** Runs npm in a folder and returns what it printed. @throws ReleaseError with what it printed when it fails */
export function npm(folder: string, ...words: readonly string[]): Promise<string> {
  return npmWith(folder, words);
}
