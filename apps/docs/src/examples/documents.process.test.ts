import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { examplesOf } from "./blocks.ts";
import { checkTypes, inWorkspaceFolder, runExample } from "./run.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const guides = (await readdir(join(root, "docs"))).filter((file) => file.endsWith(".md")).sort();
interface Package {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
}
/** The packages that a program can import. */
const packages = await Promise.all(
  (await readdir(join(root, "packages"))).sort().map(async (folder) => {
    const manifest: Package = JSON.parse(
      await readFile(join(root, "packages", folder, "package.json"), "utf8"),
    );
    return { ...manifest, readme: `packages/${folder}/README.md` };
  }),
);
/** Those that are no command. */
const libraries = packages.filter(({ bin }) => bin === undefined);
const documents = await Promise.all(
  ["README.md", ...packages.map(({ readme }) => readme), ...guides.map((file) => `docs/${file}`)].map(
    async (path) => {
      const text = await readFile(join(root, path), "utf8");
      return { path, text, examples: examplesOf(path, text) };
    },
  ),
);
const [{ examples: readmePrograms }] = documents;
/** Each program alone; the programs of a document share a folder, so that one may read what another wrote. */
const MILLISECONDS = 120_000;

/** The guide to operating a site has commands and settings alone: `scripts/deploy.process.test.ts` checks them. */
const WITHOUT_PROGRAMS = "docs/operate.md";

/** This guide's programs need its commands between them: `pytorch.process.test.ts` runs both. */
const WITH_COMMANDS = "docs/pytorch.md";

test("every document has programs", () => {
  for (const { path, examples } of documents.filter((document) => document.path !== WITHOUT_PROGRAMS))
    expect(examples.length, `${path} has no program`).toBeGreaterThan(0);
});

test("the programs' types are right under the strictest settings", { timeout: MILLISECONDS }, async () => {
  const examples = documents.flatMap((document) => document.examples);
  expect(await inWorkspaceFolder(root, (folder) => checkTypes(root, folder, examples))).toEqual([]);
});

describe.each(documents.filter(({ path }) => !["README.md", WITH_COMMANDS].includes(path)))(
  "$path",
  ({ examples }) => {
    test("its programs run and print what it says", { timeout: MILLISECONDS }, async () => {
      await inWorkspaceFolder(root, async (folder) => {
        for (const example of examples.filter(({ code }) => code !== readmePrograms[0].code))
          expect(await runExample(folder, example), example.place).toBe(example.output ?? "");
      });
    });
  },
);

test("the README's program runs and learns", { timeout: MILLISECONDS }, async () => {
  const stdout = await inWorkspaceFolder(root, (folder) => runExample(folder, readmePrograms[0]));
  // 1 - the soft balanced accuracy on the training rows of an almost separable set.
  expect(Number(stdout)).toBeGreaterThan(0);
  expect(Number(stdout)).toBeLessThan(0.05);
});

describe.each(libraries)("the README of $name", ({ name, exports, readme }) => {
  const text = documents.find(({ path }) => path === readme)?.text ?? "";

  test("names every import path but those of the package itself", () => {
    const own = ["./worker-entry"]; // what a thread of `@gradus/graph/worker` begins with
    for (const path of Object.keys(exports).filter((each) => !own.includes(each)))
      expect(text).toContain(`\`${name}${path.slice(1)}\``);
  });

  test("says how to install it, what it needs and under which license it is", () => {
    expect(text).toMatch(new RegExp(`^# ${name}\n`));
    expect(text).toMatch(new RegExp(`^npm install (.* )?${name}( |$)`, "m"));
    expect(text).toContain("Node 22.12 or later");
    expect(text).toContain("Apache-2.0");
  });
});

test("the library's README begins with the program of the repository's", () => {
  const library = documents.find(({ path }) => path === "packages/gradus/README.md");
  expect(library?.examples[0].code).toBe(readmePrograms[0].code);
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
