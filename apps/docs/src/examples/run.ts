import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
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
  // The numbers that documents print are of one thread: with several, sums may come in another order.
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled, GRADUS_THREADS: "1" };
  const { stdout } = await execute(process.execPath, ["example.ts"], { cwd: folder, env });
  return stdout;
}

/** The workspace's settings. */
function compilerOptions(root: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  return ts.convertCompilerOptionsFromJson(config.compilerOptions, root).options;
}

/**
 * Checks the types of programs under the workspace's settings; resolves to the compiler's complaints. Those of the library
 * itself are not among them: `npm run check` looks at its sources.
 */
export async function checkTypes(
  root: string,
  folder: string,
  examples: readonly Example[],
): Promise<string[]> {
  // Files that are modules of their own, each on the line where its document has it.
  const files = examples.map((example, i) => ({ ...example, file: join(folder, `example-${i}.ts`) }));
  for (const { file, code } of files) await writeFile(file, `${code}\nexport {};\n`);
  const program = ts.createProgram(
    files.map(({ file }) => file),
    compilerOptions(root),
  );
  return files.flatMap(({ file, place }) => {
    const [document, first] = place.split(":");
    const source = program.getSourceFile(file);
    return [
      ...program.getOptionsDiagnostics(),
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ].map(({ start = 0, code, messageText }) => {
      const { line = 0, character = 0 } = source?.getLineAndCharacterOfPosition(start) ?? {};
      const text = ts.flattenDiagnosticMessageText(messageText, "\n");
      return `${document}:${Number(first) + line}(${character + 1}): error TS${code}: ${text}`;
    });
  });
}
