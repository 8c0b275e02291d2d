import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { createProject, ProjectError, type ProjectOptions, type TemplateName } from "./index.ts";
import { templateNames } from "./templates.ts";
import { writeFolder } from "./write-folder.ts";

let home: string;
beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), "create-gradus-")));
});
afterEach(() => rm(home, { recursive: true }));

const listed = async (folder: string) => (await readdir(folder, { recursive: true })).sort();

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => path.slice(folder.length + 1)).sort();
}

describe.each(templateNames)("a project from the template %s", (template) => {
  test("is complete, and named after its folder", async () => {
    const folder = join(home, "Über uns");
    const project = await createProject({ folder, template });
    expect(project).toEqual({ folder, name: "uber-uns", template, files: await files(folder) });
    for (const file of [".gitignore", "README.md", "package.json", "tsconfig.json"])
      expect(project.files).toContain(file);
    expect(project.files).not.toContain("gitignore");
    expect(JSON.parse(await readFile(join(folder, "package.json"), "utf8")).name).toBe("uber-uns");
  });

  test("depends on this version of gradus, and on ranges", async () => {
    const folder = join(home, "app");
    await createProject({ folder, template });
    const { dependencies, devDependencies } = JSON.parse(
      await readFile(join(folder, "package.json"), "utf8"),
    );
    expect(dependencies).toEqual({ "@gradus/graph": `^${manifest.version}`, gradus: `^${manifest.version}` });
    for (const range of Object.values(devDependencies)) expect(range).toMatch(/^\^\d+\.\d+\.\d+$/);
  });

  test("has the developer's usual permissions", async () => {
    const folder = join(home, "app");
    await createProject({ folder, template });
    await mkdir(join(home, "usual"));
    expect((await stat(folder)).mode).toBe((await stat(join(home, "usual"))).mode);
  });
});

test("dependencies of templates are those that the repository tests", async () => {
  const root = JSON.parse(await readFile(new URL("../../../package.json", import.meta.url), "utf8"));
  const graph = JSON.parse(await readFile(new URL("../../graph/package.json", import.meta.url), "utf8"));
  const tested = { ...graph.devDependencies, ...root.devDependencies };
  for (const template of templateNames) {
    const folder = join(home, template);
    await createProject({ folder, template });
    const { devDependencies } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    for (const [name, range] of Object.entries(devDependencies))
      expect({ name, range }).toEqual({ name, range: tested[name] });
  }
});

test("folders above are made, and an empty folder or repository is used as it is", async () => {
  const deep = join(home, "a/b/c");
  expect((await createProject({ folder: deep })).files).toEqual(await files(deep));
  const repository = join(home, "repository");
  await mkdir(join(repository, ".git"), { recursive: true });
  await createProject({ folder: repository });
  expect(await readdir(repository)).toContain("package.json");
});

describe("refuses, and writes nothing,", () => {
  const refusal = async (options: unknown): Promise<string> => {
    const before = await listed(home);
    const error = await createProject(options as ProjectOptions).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ProjectError);
    expect(await listed(home)).toEqual(before);
    return (error as ProjectError).message;
  };

  test("a folder with files", async () => {
    await writeFile(join(home, "notes.txt"), "mine");
    expect(await refusal({ folder: home })).toBe(
      `the folder must be new or empty, got ${home}, which contains notes.txt`,
    );
    expect(await readFile(join(home, "notes.txt"), "utf8")).toBe("mine");
  });

  test("a file, and a folder below one", async () => {
    const file = join(home, "file");
    await writeFile(file, "mine");
    for (const folder of [file, join(file, "app")])
      expect(await refusal({ folder })).toBe(
        `the folder must be new or empty, got ${folder}, where a file is in the way`,
      );
  });

  test("a folder that the file system refuses", async () => {
    const folder = join(home, "x".repeat(300));
    expect(await refusal({ folder })).toMatch(
      /^the project cannot be written to .* \(ENAMETOOLONG: name too long\)$/,
    );
  });

  test("a name of which no package's can be made", async () => {
    expect(await refusal({ folder: join(home, "日本") })).toContain('got "日本"');
  });

  test("an unknown template or option, and an empty path", async () => {
    const folder = join(home, "app");
    expect(await refusal({ folder, template: "deno" as TemplateName })).toBe(
      'template must be node or vite, got "deno"',
    );
    expect(await refusal({ folder, templat: "vite" })).toContain('no option "templat"');
    expect(await refusal({ folder: "" })).toBe('folder must be the path of a folder, got ""');
    expect(await refusal({})).toBe("folder must be the path of a folder, got undefined");
  });
});

test("a file that cannot be written leaves nothing behind", async () => {
  const before = await listed(home);
  // The first file is where the second wants a folder.
  const contents = new Map([
    ["src", "a file"],
    ["src/main.ts", "another"],
  ]);
  for (const folder of [join(home, "new"), join(home, "deep/er")])
    await expect(writeFolder(folder, contents)).rejects.toThrow(ProjectError);
  expect(await listed(home)).toEqual(before);
  await expect(writeFolder(home, contents)).rejects.toThrow(`the project cannot be written to ${home} (`);
  expect(await listed(home)).toEqual(before);
});
