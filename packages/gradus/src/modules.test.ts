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

test("a name means one thing over all modules and the graph engine", () => {
  const owners = new Map<string, string[]>();
  const all = [...modules, ["@gradus/graph", graph] as const];
  for (const [module, names] of all)
    for (const name of Object.keys(names)) owners.set(name, [...(owners.get(name) ?? []), module]);
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
  expect(Object.keys(names).length).toBeLessThanOrEqual(70);
});
