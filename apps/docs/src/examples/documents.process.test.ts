import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { examplesOf } from "./blocks.ts";
import { checkTypes, inWorkspaceFolder, runExample } from "./run.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const guides = (await readdir(join(root, "docs"))).filter((file) => file.endsWith(".md")).sort();
const documents = await Promise.all(
  ["README.md", ...guides.map((file) => `docs/${file}`)].map(async (path) => ({
    path,
    examples: examplesOf(path, await readFile(join(root, path), "utf8")),
  })),
);
/** Each program alone; the programs of a document share a folder, so that one may read what another wrote. */
const MILLISECONDS = 120_000;

test("every document has programs", () => {
  for (const { path, examples } of documents)
    expect(examples.length, `${path} has no program`).toBeGreaterThan(0);
});

test("the programs' types are right under the strictest settings", { timeout: MILLISECONDS }, async () => {
  const examples = documents.flatMap((document) => document.examples);
  expect(await inWorkspaceFolder(root, (folder) => checkTypes(root, folder, examples))).toEqual([]);
});

describe.each(documents.filter(({ path }) => path !== "README.md"))("$path", ({ examples }) => {
  test("its programs run and print what it says", { timeout: MILLISECONDS }, async () => {
    await inWorkspaceFolder(root, async (folder) => {
      for (const example of examples)
        expect(await runExample(folder, example), example.place).toBe(example.output ?? "");
    });
  });
});

test("the README's program runs and learns", { timeout: MILLISECONDS }, async () => {
  const [{ examples }] = documents;
  const stdout = await inWorkspaceFolder(root, (folder) => runExample(folder, examples[0]));
  // 1 - the soft balanced accuracy on the training rows of an almost separable set.
  expect(Number(stdout)).toBeGreaterThan(0);
  expect(Number(stdout)).toBeLessThan(0.05);
});

test("the program of 30 lines has 30 lines", () => {
  const guide = documents.find(({ path }) => path === "docs/train-and-export.md");
  const lines = guide?.examples[0].code.split("\n").filter((line) => !/^(import .*)?$/.test(line));
  expect(lines).toHaveLength(30);
});

describe("what the checks would miss", () => {
  const example = (code: string) => ({ place: "here.md:7", code });

  test("a program that fails is told with its message", async () => {
    await expect(
      inWorkspaceFolder(root, (folder) => runExample(folder, example('throw new Error("no such luck");'))),
    ).rejects.toThrow("no such luck");
  });

  test("a wrong type is told with its place in the document", { timeout: MILLISECONDS }, async () => {
    const complaints = await inWorkspaceFolder(root, (folder) =>
      checkTypes(root, folder, [example('const count: number =\n  "three";\nconsole.log(count);\n')]),
    );
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toMatch(/^here\.md:7\(.*TS2322/);
  });
});
