import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { bundle, type Script, totalSize } from "./bundle.ts";
import { bundleCase, bundleCases, fetchedScripts } from "./cases.ts";

/** Each is bundled in less than a second on a quiet machine. */
const MILLISECONDS = 120_000;
const run = promisify(execFile);
const namesIn = (scripts: readonly Script[]) =>
  scripts.flatMap(({ modules }) => modules.map(({ name }) => name)).sort();

describe.each(bundleCases)("$title", (one) => {
  test("has its budget and nothing in it that it does not need", { timeout: MILLISECONDS }, async () => {
    const made = await bundleCase(one);
    expect(made.warnings).toEqual([]);
    expect(made.scripts.some(({ initial }) => !initial)).toBe(one.dynamicImports !== "none");
    const scripts = fetchedScripts(one, made);
    expect(totalSize(scripts).gzip).toBeLessThanOrEqual(1000 * one.budget);
    const modules = namesIn(scripts);
    expect(modules).toContain("the program");
    expect(modules.filter((name) => one.without.some((start) => name.startsWith(start)))).toEqual([]);
    expect(modules.filter((name) => /\.node\.ts$|^node:|browser-external/.test(name))).toEqual([]);
  });
});

test.each(bundleCases.filter(({ file }) => file.endsWith(".ts")))("$file runs", async ({ file }) => {
  const { stdout } = await run(process.execPath, [fileURLToPath(new URL(file, import.meta.url))]);
  expect(stdout).not.toMatch(/NaN|undefined|^$/);
});

test.each([
  ["packages/gradus/README.md", "programs/gns-newton.ts", /bundles to (\d+) kB/],
  ["packages/graph/README.md", "programs/traced-gradient.ts", /fetches about (\d+) kB/],
])("%s has the size of %s to 3%", { timeout: MILLISECONDS }, async (readme, file, said) => {
  const one = bundleCases.find((other) => other.file === file);
  if (!one) throw new Error(`there is no case ${file}`);
  const { gzip } = totalSize(fetchedScripts(one, await bundleCase(one)));
  const text = await readFile(new URL(`../../${readme}`, import.meta.url), "utf8");
  expect(Math.abs((1000 * Number(said.exec(text)?.[1])) / gzip - 1)).toBeLessThan(0.03);
});

test.each([
  ["solve", "gradus/iterate"],
  ["conjugateGradient", "gradus/linalg"],
  ["gnsNewton", "gradus/optimize"],
])("the root's %s brings the same modules as that of %s", { timeout: MILLISECONDS }, async (name, module) => {
  const modulesFrom = async (path: string) =>
    namesIn((await bundle(`import { ${name} } from "${path}"; console.log(${name});`)).scripts);
  const modules = await modulesFrom("gradus");
  expect(modules.length).toBeGreaterThan(1);
  expect(modules).toEqual(await modulesFrom(module));
});

test("what a program imports and does not use is not in its bundle", { timeout: MILLISECONDS }, async () => {
  const unused = [
    "gradus",
    "gradus/data",
    "gradus/linalg",
    "@gradus/graph",
    "@gradus/papers",
    "@gradus/figures",
  ];
  const imports = unused.map((path) => `import "${path}";`);
  const { scripts } = await bundle(`${imports.join("\n")} console.log(1);`);
  expect(namesIn(scripts)).toEqual(["the program"]);
});

// what packages/gradus/README.md says
test("with lazyBarrel a build without a graph has no WebAssembly", { timeout: MILLISECONDS }, async () => {
  const program = 'import { gnsNewton } from "gradus/optimize"; console.log(gnsNewton);';
  const filesWith = async (lazyBarrel: boolean) => [...(await bundle(program, { lazyBarrel })).files.keys()];
  expect((await filesWith(false)).map((name) => name.replace(/.*\//, ""))).toEqual([
    "ort-wasm-simd-threaded.wasm",
  ]);
  expect(await filesWith(true)).toEqual([]);
});

test("a module that is not found is an error", { timeout: MILLISECONDS }, async () => {
  await expect(bundle('import { nothing } from "gradus/nowhere"; nothing();')).rejects.toThrow("nowhere");
});

test("a bundle counts what comes at once and what comes later apart", { timeout: MILLISECONDS }, async () => {
  const { scripts } = await bundle(
    'const { solve } = await import("gradus/iterate"); console.log(solve, "at once");',
  );
  const [atOnce, later] = [true, false].map((initial) =>
    namesIn(scripts.filter((script) => script.initial === initial)),
  );
  expect(atOnce).toContain("the program");
  expect(atOnce).not.toContain("gradus/iterate/iterate.ts");
  expect(later).toContain("gradus/iterate/iterate.ts");
  const { minified, gzip, brotli } = totalSize(scripts);
  expect(brotli).toBeLessThan(gzip);
  expect(gzip).toBeLessThan(minified);
});
