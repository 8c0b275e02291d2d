// npm, as the release calls it.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ReleaseError } from "./release-error.ts";

const run = promisify(execFile);

/** Runs npm in a folder and returns what it printed. @throws ReleaseError with what it printed when it fails */
export async function npm(folder: string, ...words: readonly string[]): Promise<string> {
  // npm's variables of an outer `npm run` would send it to the outer package.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)_/.test(name)),
  );
  try {
    const { stdout } = await run(process.platform === "win32" ? "npm.cmd" : "npm", words, {
      cwd: folder,
      env: environment,
      shell: process.platform === "win32",
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
