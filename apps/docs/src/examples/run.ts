import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Example } from "./blocks.ts";

const execute = promisify(execFile);

/** Gives a folder inside the workspace, where imports lead to its packages, and takes it away afterwards. */
export async function inWorkspaceFolder<T>(root: string, body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(root, ".examples-"));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** All programs share the work of stripping the library's types. */
const compiled = join(tmpdir(), "gradus-examples-compiled");

/** Runs a program as a reader would, in `folder`; resolves to what it printed. */
export async function runExample(folder: string, { code }: Example): Promise<string> {
  await writeFile(join(folder, "example.ts"), code);
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled };
  const { stdout } = await execute(process.execPath, ["example.ts"], { cwd: folder, env });
  return stdout;
}

/** Checks the types of programs under the workspace's settings; resolves to the compiler's complaints. */
export async function checkTypes(
  root: string,
  folder: string,
  examples: readonly Example[],
): Promise<string[]> {
  // Files that are modules of their own, each on the line where its document has it.
  const files = examples.map((example, i) => ({ ...example, file: `example-${i}.ts` }));
  for (const { file, code } of files) await writeFile(join(folder, file), `${code}\nexport {};\n`);
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: "../tsconfig.json", include: ["example-*.ts"] }),
  );
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  try {
    await execute(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: folder });
    return [];
  } catch (error) {
    if (!(error instanceof Error && "stdout" in error)) throw error;
    return String(error.stdout)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) =>
        line.replace(/^example-(\d+)\.ts\((\d+)/, (_, i, at) => {
          const [document, first] = files[Number(i)].place.split(":");
          return `${document}:${Number(first) + Number(at) - 1}(`;
        }),
      );
  }
}
