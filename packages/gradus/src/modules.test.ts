import { readFile } from "node:fs/promises";
import * as graph from "@gradus/graph";
import { expect, test } from "vitest";
import * as root from "./index.ts";

const manifest: { exports: Record<string, string> } = JSON.parse(
  await readFile(new URL("../package.json", import.meta.url), "utf8"),
);
const paths = Object.entries(manifest.exports).filter(([path]) => path !== ".");
const modules = new Map<string, Record<string, unknown>>();
for (const [path, file] of paths)
  modules.set(path.slice(2), await import(new URL(`../${file.slice(2)}`, import.meta.url).href));

/** Every name that an index exports, types too. */
const exportedNames = async (index: URL) =>
  [...(await readFile(index, "utf8")).matchAll(/^export (?:type )?(?:\{([^}]*)\}|\* as (\w+)) from/gm)]
    .flatMap(([, list, namespace]) => (list ?? namespace).split(","))
    .map((name) => name.trim().replace(/^type /, ""))
    .filter((name) => name !== "");

test("a name means one thing over all modules and the graph engine, types included", async () => {
  const indexes = [
    ...paths.map(([path, file]) => [path.slice(2), new URL(`../${file.slice(2)}`, import.meta.url)] as const),
    ["@gradus/graph", new URL("../../graph/src/index.ts", import.meta.url)] as const,
  ];
  const owners = new Map<string, string[]>();
  for (const [module, index] of indexes) {
    const listed = await exportedNames(index);
    const values = Object.keys(modules.get(module) ?? {});
    expect(listed, module).toEqual(expect.arrayContaining(values));
    // The engine's index hands on the operations as a whole.
    const names = module === "@gradus/graph" ? [...new Set([...listed, ...Object.keys(graph)])] : listed;
    for (const name of names) owners.set(name, [...(owners.get(name) ?? []), module]);
  }
  expect([...owners].filter(([, places]) => places.length > 1)).toEqual([]);
});

test("what the root exports is the same thing in its module", () => {
  const names = Object.entries(root);
  expect(names.length).toBeLessThanOrEqual(45);
  for (const [name, value] of names) {
    const owner = [...modules.values()].find((module) => name in module);
    expect(owner?.[name], name).toBe(value);
  }
});

test.each([...modules])("%s reads like the contents of a chapter", (_module, names) => {
  expect(Object.keys(names).length).toBeLessThanOrEqual(72);
});
