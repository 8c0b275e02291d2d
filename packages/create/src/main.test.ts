import { mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { main } from "./main.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), "create-gradus-")));
});
afterEach(() => rm(cwd, { recursive: true }));

interface Options {
  /** What is typed; no terminal when left out. */
  readonly typed?: string;
  readonly userAgent?: string;
}

async function create(args: readonly string[], { typed, userAgent }: Options = {}) {
  const [out, err]: string[][] = [[], []];
  const [input, output] = [new PassThrough(), new PassThrough()];
  output.on("data", (text) => out.push(String(text)));
  if (typed !== undefined) input.end(typed);
  const status = await main(args, {
    out: { write: (text) => void out.push(text) },
    err: { write: (text) => void err.push(text) },
    terminal: typed === undefined ? undefined : { input, output },
    cwd,
    userAgent,
  });
  return { status, out: out.join(""), err: err.join("") };
}

describe("ends with what to type next", () => {
  test("for npm", async () => {
    expect(await create(["app"])).toEqual({
      status: 0,
      out: `Created app: a Node program that trains a classifier of tumors and saves it as an ONNX file.

Next:
  cd app
  npm install
  npm start

Check it with npm test; README.md describes the files.
`,
      err: "",
    });
  });

  test.each([
    ["npm/11.19.1 node/v24.21.0 linux x64", "npm install", "npm run dev", "npm test"],
    ["pnpm/10.2.0 npm/? node/v24.21.0 linux x64", "pnpm install", "pnpm dev", "pnpm test"],
    ["yarn/4.5.0 npm/? node/v24.21.0 linux x64", "yarn install", "yarn dev", "yarn test"],
    ["bun/1.2.0 npm/? node/v24.21.0 linux x64", "bun install", "bun run dev", "bun run test"],
  ])("for %s", async (userAgent, ...commands) => {
    const { out } = await create(["page", "--template", "vite"], { userAgent });
    for (const command of commands) expect(out).toContain(command);
  });

  test("with the path quoted where it must be, and the name where it differs", async () => {
    const { out } = await create(["sub/My App"]);
    expect(out).toContain('  cd "sub/My App"\n');
    expect(out).toContain("Its package is named my-app.");
  });

  test("without cd in the folder itself", async () => {
    const { out } = await create(["."]);
    expect(out).toContain("Created a project in this folder: ");
    expect(out).not.toContain("cd ");
  });
});

test("help names the templates, and how its package manager starts it", async () => {
  const { status, out } = await create(["--help"]);
  expect(status).toBe(0);
  expect(out).toMatch(/node {2}a Node program .*\n {2}vite {2}a page /);
  expect(out).toContain("npm create gradus my-page -- --template vite");
  const pnpm = await create(["--help"], { userAgent: "pnpm/10.2.0" });
  expect(pnpm.out).toContain("pnpm create gradus my-page --template vite");
  expect(await create(["--version"])).toEqual({ status: 0, out: `${manifest.version}\n`, err: "" });
});

test.each([
  [["--templat", "vite", "app"], "unknown option '--templat'\n(Did you mean --template?)"],
  [["--template", "deno", "app"], "It must be node or vite."],
  [["--template", "node", "--template", "vite", "app"], "It is given twice."],
  [["--template"], "option '--template <name>' argument missing"],
  [["a", "b"], "too many arguments"],
  [[], "missing argument 'folder', as in: npm create gradus my-app"],
])("%j is a usage error", async (args, message) => {
  const { status, out, err } = await create(args);
  expect({ status, out }).toEqual({ status: 2, out: "" });
  expect(err).toContain(message);
  expect(err).toMatch(/^create-gradus: .*\n(.*\n)?See: create-gradus --help\n$/);
  expect(await readdir(cwd)).toEqual([]);
});

test("an empty path is refused", async () => {
  expect(await create([""])).toMatchObject({
    status: 2,
    err: 'create-gradus: folder must be the path of a folder, got ""\n',
  });
});

test("a folder with files is refused in one line", async () => {
  await create(["app"]);
  expect(await create(["app"])).toEqual({
    status: 2,
    out: "",
    err: `create-gradus: the folder must be new or empty, got ${join(cwd, "app")}, which contains .gitignore\n`,
  });
});

describe("in a terminal", () => {
  test("asks for what is left out, again after a wrong answer", async () => {
    const { status, out } = await create([], { typed: "page\ndeno\nVITE\n" });
    expect(status).toBe(0);
    expect(out).toContain("Folder (my-app): ");
    expect(out).toContain("The template must be node or vite.\n");
    expect(out).toContain("Created page: a page");
  });

  test("takes the default of an empty answer, and asks for no template that is given", async () => {
    expect((await create([], { typed: "\n\n" })).out).toContain("Created my-app: a Node program");
    const { out } = await create(["--template", "vite"], { typed: "page\n" });
    expect(out).not.toContain("Template");
    expect(out).toContain("Created page: a page");
  });

  test("asks nothing when the folder is given", async () => {
    expect((await create(["app"], { typed: "" })).out).toMatch(/^Created app/);
  });

  test.each(["", "page\n"])("ends without a project when the input ends after %j", async (typed) => {
    const { status, err } = await create([], { typed });
    expect({ status, err }).toEqual({ status: 130, err: "" });
    expect(await readdir(cwd)).toEqual([]);
  });
});
