import { expect, test } from "vitest";
import { searchFiles, searchPath } from "./search-query.ts";

const search = {
  text: "newton & hessian",
  sort: "new",
  topics: [
    { slug: "convex", label: "Convex", chosen: true },
    { slug: "generative", label: "Generative models", chosen: false },
    { slug: "second-order", label: "Second order", chosen: true },
  ],
  runnableOnly: true,
  from: "2020-01-01",
  to: undefined,
} as const;

test("an address keeps all that narrows the search", () => {
  expect(searchPath(search, { page: 2 })).toBe(
    "/papers?q=newton+%26+hessian&topic=convex&topic=second-order&runnable=1&from=2020-01-01&sort=new&p=2",
  );
});

test("one topic, the days or the runnable papers can be let go", () => {
  expect(searchPath(search, { without: { topic: "convex" } })).not.toContain("convex");
  expect(searchPath(search, { without: { topic: "convex" } })).toContain("topic=second-order");
  expect(searchPath(search, { without: "days" })).not.toContain("from=");
  expect(searchPath(search, { runnable: false })).not.toContain("runnable");
});

test("what is usual is left out", () => {
  const usual = { text: "newton", sort: "relevance", topics: [], runnableOnly: false } as const;
  expect(searchPath(usual)).toBe("/papers?q=newton");
});

test("the feeds have the words, the topics and whether papers run", () => {
  expect(searchFiles(search).map(({ href }) => href)).toEqual(
    ["atom", "rss", "json"].map(
      (name) => `/feed.${name}?q=newton+%26+hessian&topic=convex&topic=second-order&runnable=1`,
    ),
  );
});
