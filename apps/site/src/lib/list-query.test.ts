import { expect, test } from "vitest";
import { feedFiles, listQuery } from "./list-query.ts";

const topics = [
  { slug: "convex", label: "Convex", chosen: true },
  { slug: "generative", label: "Generative", chosen: true },
  { slug: "distributed", label: "Distributed", chosen: false },
];
const plain = { sort: "top", usualSort: "top", topics: [], runnableOnly: false, minVotes: 0 } as const;
const narrowed = { sort: "new", usualSort: "top", topics, runnableOnly: true, minVotes: 5 } as const;

test("what is usual is left out of the address", () => {
  expect(listQuery(plain)).toBe("");
  expect(listQuery(plain, { page: 0 })).toBe("");
  expect(listQuery(narrowed)).toBe("?topic=convex&topic=generative&runnable=1&min_votes=5&sort=new");
});

test("one thing is changed and the rest stays", () => {
  expect(listQuery(plain, { page: 2 })).toBe("?p=2");
  expect(listQuery(plain, { runnable: true })).toBe("?runnable=1");
  expect(listQuery(narrowed, { without: { topic: "convex" } })).toBe(
    "?topic=generative&runnable=1&min_votes=5&sort=new",
  );
  expect(listQuery(narrowed, { without: "votes", runnable: false })).toBe(
    "?topic=convex&topic=generative&sort=new",
  );
});

test("the feeds are those of the same view and filters", () => {
  expect(feedFiles({ ...plain, kind: "week" }).map(({ href }) => href)).toEqual([
    "/feed.atom?view=week",
    "/feed.rss?view=week",
    "/feed.json?view=week",
  ]);
  expect(feedFiles({ ...narrowed, kind: "trending" })[0].href).toBe(
    "/feed.atom?view=trending&topic=convex&topic=generative&runnable=1&min_votes=5",
  );
});
