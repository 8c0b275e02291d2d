import { expect, test } from "vitest";
import { moduleOf, packageRules } from "./modules.ts";

const [graph, gradus] = packageRules;

test.each([
  [graph, "ops/reduce.ts", "reductions"],
  [graph, "ops/not-thought-of.ts", "operations"],
  [graph, "runtime/worker/client.ts", "compile"],
  [gradus, "train/transformations/scale-by-adam.ts", "optimizers"],
  [gradus, "train/train.ts", "train"],
  [gradus, "nn/metric-loss/metrics.ts", "metric-losses"],
  [gradus, "statistics/confusion-matrix.ts", "classification-metrics"],
] as const)("$1 is on the page of its family", (rule, path, slug) => {
  expect(moduleOf(rule, path).slug).toBe(slug);
});

test("a file of no known family gets a page named by where it lies", () => {
  expect(moduleOf(gradus, "optimize/bilevel/steps/newton.ts")).toMatchObject({
    slug: "optimize-bilevel",
    title: "Bilevel",
  });
  expect(moduleOf(gradus, "quantiles.ts")).toMatchObject({ slug: "quantiles", title: "Quantiles" });
});

test("pages of a package have addresses of their own", () => {
  for (const { modules } of packageRules)
    expect(new Set(modules.map(({ slug }) => slug)).size).toBe(modules.length);
});
