import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { importPath, moduleOf, packageRules } from "./modules.ts";

const [blas, graph, gradus] = packageRules;

test.each([
  [blas, "dense/cholesky.ts", "dense"],
  [blas, "eigen/symmetric-eigen.ts", "eigen"],
  [graph, "ops/reduce.ts", "reductions"],
  [graph, "ops/not-thought-of.ts", "operations"],
  [graph, "runtime/worker/client.ts", "compile"],
  [gradus, "train/transformations/scale-by-adam.ts", "train"],
  [gradus, "linalg/krylov/conjugate-gradient.ts", "linalg"],
] as const)("$1 is on the page of its family", (rule, path, slug) => {
  expect(moduleOf(rule, path).slug).toBe(slug);
});

test("a file of no known family gets a page named by where it lies", () => {
  expect(moduleOf(graph, "solvers/steps/newton.ts")).toMatchObject({
    slug: "solvers-steps",
    title: "Steps",
  });
  expect(moduleOf(graph, "quantiles.ts")).toMatchObject({ slug: "quantiles", title: "Quantiles" });
});

test("pages of a package have addresses of their own", () => {
  for (const { modules } of packageRules)
    expect(new Set(modules.map(({ slug }) => slug)).size).toBe(modules.length);
});

test("every import path of the library has a page", async () => {
  const manifest: { exports: Record<string, string> } = JSON.parse(
    await readFile(new URL("../../../../packages/gradus/package.json", import.meta.url), "utf8"),
  );
  const paths = Object.keys(manifest.exports).map((path) => `gradus${path.slice(1)}`);
  expect(["gradus", ...gradus.modules.map((module) => importPath(gradus, module))].sort()).toEqual(
    paths.sort(),
  );
});
