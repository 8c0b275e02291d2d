import { execFile } from "node:child_process";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { importOnnx } from "@gradus/graph";
import { expect, test } from "vitest";
import { blocksOf } from "./blocks.ts";
import { inWorkspaceFolder, runExample } from "./run.ts";
import { missingLine } from "./transcript.ts";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const guide = await readFile(join(root, "docs/pytorch.md"), "utf8");
/** The file that the guide's Python program exported, for machines without PyTorch and for numbers that stay. */
const exported = join(root, "packages/graph/fixtures/pytorch/digits.onnx");

/** A Python with PyTorch and ONNX, if there is one. */
async function findPython(): Promise<string | undefined> {
  for (const python of ["python3", "/usr/bin/python3"])
    try {
      await execute(python, ["-c", "import torch, onnx"]);
      return python;
    } catch {
      // The next one may have them.
    }
  return undefined;
}

/** The words of a command, in which quotation marks hold words together. */
const wordsOf = (line: string) =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);

/** Runs the lines of a shell block, `npx gradus` as the repository's own, and resolves to what they print. */
async function runShell(folder: string, code: string): Promise<string> {
  let printed = "";
  for (const line of code.trim().split("\n")) {
    const own = /^npx gradus (.*)$/.exec(line)?.[1];
    const [file, args] =
      own === undefined
        ? (["sh", ["-c", line]] as const)
        : ([process.execPath, [join(root, "apps/cli/bin/gradus.js"), ...wordsOf(own)]] as const);
    const env = { ...process.env, COLUMNS: "80", NO_COLOR: "1", GRADUS_HOME: join(folder, ".gradus") };
    printed += (await execute(file, args, { cwd: folder, env })).stdout;
  }
  return printed;
}

/** Runs a Python program under the name in its first line. */
async function runPython(python: string, folder: string, code: string): Promise<string> {
  const name = /^# (\S+\.py)$/m.exec(code)?.[1] ?? "program.py";
  await writeFile(join(folder, name), code);
  // PyTorch's threads and those of the other tests would fight over the cores.
  const env = { ...process.env, OMP_NUM_THREADS: "1" };
  return (await execute(python, [name], { cwd: folder, env })).stdout;
}

/** What a file promises its users. */
async function signatureOf(file: string) {
  const { inputs, outputs, parameters, opset } = importOnnx(new Uint8Array(await readFile(file)));
  const shapes = Object.entries(parameters).map(([name, { shape }]) => [name, shape]);
  return { inputs, outputs, opset, shapes };
}

test("the programs and commands from PyTorch and back give what the guide shows", {
  timeout: 300_000,
}, async () => {
  const python = await findPython();
  const printed: string[] = [];
  await inWorkspaceFolder(root, async (folder) => {
    const digits = join(folder, "digits.onnx");
    for (const { language, code, output, place } of blocksOf("docs/pytorch.md", guide)) {
      if (language === "ts") expect(await runExample(folder, { place, code }), place).toBe(output ?? "");
      if (language === "sh") {
        const shown = await runShell(folder, code);
        if (output !== undefined) expect(missingLine(output, shown), `${place}\n${shown}`).toBeUndefined();
      }
      if (language !== "python") continue;
      if (python !== undefined) printed.push(await runPython(python, folder, code));
      if (printed.length === 1) expect(await signatureOf(digits)).toEqual(await signatureOf(exported));
      await copyFile(exported, digits);
    }
  });
  if (python === undefined) return;
  expect(printed[0]).toMatch(/^9\d% of the digits, \d\d% when moved$/m);
  // Tuned here, and as accurate there.
  expect(printed[1]).toMatch(/^9\d% when moved$/m);
});
