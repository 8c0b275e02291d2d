import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** The packages whose manifests say `sideEffects: false`: bundlers drop a module of theirs of which nothing is used. */
const WITHOUT_EFFECTS = ["blas", "figures", "gradus", "graph", "papers"];

type Edges = ReadonlyMap<string, ReadonlySet<string>>;

/** The relative imports of every source file of a folder, tests left out. */
async function importsIn(folder: string): Promise<Edges> {
  const files = (await readdir(folder, { recursive: true }))
    .filter((file) => file.endsWith(".ts") && !/\.test\.ts$|(^|\/)test(?:-|ing\.ts$)/.test(file))
    .map((file) => file.split(path.sep).join("/"));
  const edges = new Map<string, Set<string>>();
  for (const file of files) {
    const text = await readFile(path.join(folder, file), "utf8");
    const targets = new Set<string>();
    for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g))
      targets.add(path.posix.join(path.posix.dirname(file), target));
    edges.set(file, targets);
  }
  return edges;
}

/** The groups of more than one node in which each can be reached from each (Tarjan, 1972). */
function circles(edges: Edges): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (node: string): void => {
    order.set(node, order.size);
    low.set(node, order.get(node)!);
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) !== order.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1) found.push(group.sort());
  };
  for (const node of edges.keys()) if (!order.has(node)) visit(node);
  return found;
}

/** The edges between the folders directly below, and on request the files beside them. */
function betweenFolders(edges: Edges, { withFiles = false } = {}): Edges {
  const folders = new Map<string, Set<string>>();
  for (const [file, targets] of edges)
    for (const target of targets) {
      const [from, to] = [file.split("/")[0], target.split("/")[0]];
      if (from === to || to === "..") continue;
      if (!withFiles && (from.endsWith(".ts") || to.endsWith(".ts"))) continue;
      folders.set(from, (folders.get(from) ?? new Set()).add(to));
    }
  return folders;
}

const sourcesOf = (name: string) => fileURLToPath(new URL(`../../${name}/src`, import.meta.url));

test("circles are found where there are some", () => {
  const edges = new Map([
    ["a", new Set(["b"])],
    ["b", new Set(["c"])],
    ["c", new Set(["b", "d"])],
    ["d", new Set<string>()],
  ]);
  expect(circles(edges)).toEqual([["b", "c"]]);
});

test("no two modules of the library depend on each other", async () => {
  expect(circles(betweenFolders(await importsIn(sourcesOf("gradus"))))).toEqual([]);
});

test("no two files of the library depend on each other", async () => {
  expect(circles(await importsIn(sourcesOf("gradus")))).toEqual([]);
});

test("in the graph engine only an operation and its derivatives depend on each other", async () => {
  const outside = circles(await importsIn(sourcesOf("graph"))).filter(
    (files) => !files.every((file) => file.startsWith("ops/")),
  );
  // A loop is differentiated and vectorized through its body, and a body may hold loops.
  expect(outside.sort()).toEqual([
    ["differentiate.ts", "loop-derivatives.ts"],
    ["loop-vectorize.ts", "vectorize.ts"],
  ]);
});

test.each(WITHOUT_EFFECTS)("nothing in %s is imported for its effects alone", async (name) => {
  const folder = sourcesOf(name);
  const manifest = JSON.parse(await readFile(path.join(folder, "../package.json"), "utf8"));
  expect(manifest.sideEffects).toBe(false);
  const files = (await readdir(folder, { recursive: true })).filter((file) => /(?<!\.test)\.ts$/.test(file));
  expect(files.length).toBeGreaterThan(10);
  for (const file of files)
    expect(await readFile(path.join(folder, file), "utf8"), file).not.toMatch(/^\s*import\s*["']/m);
});

test("no two folders of the site's server depend on each other, directly or through what stands beside them", async () => {
  const server = fileURLToPath(new URL("../../../apps/site/src/lib/server", import.meta.url));
  expect(circles(betweenFolders(await importsIn(server), { withFiles: true }))).toEqual([]);
});
