import fc from "fast-check";
import { expect, test } from "vitest";
import { dailyItem } from "../testing/fake-hugging-face.ts";
import { HuggingFaceError, parseDailyPage } from "./list.ts";

const parse = (...items: unknown[]) => parseDailyPage(JSON.stringify(items));
const plain = { codeUrl: null, projectUrl: null };

test("identifiers, votes and links are read, and neither title nor abstract", () => {
  const links = {
    githubRepo: "https://github.com/ada/steps",
    githubStars: 7,
    projectPage: "https://ada.example/steps/",
  };
  expect(parse(dailyItem("2611.01234", 42), dailyItem("2611.01235v2", 0, links))).toEqual({
    items: 2,
    entries: [
      { arxivId: "2611.01234", upvotes: 42, ...plain },
      { arxivId: "2611.01235", upvotes: 0, codeUrl: links.githubRepo, projectUrl: links.projectPage },
    ],
  });
  expect(parse()).toEqual({ items: 0, entries: [] });
});

test.each([
  ["no identifier", { id: "hessians" }],
  ["an identifier that is a path", { id: "../../2611.01234" }],
  ["votes that are no number", { upvotes: "42" }],
  ["fewer votes than none", { upvotes: -1 }],
  ["half a vote", { upvotes: 0.5 }],
  ["more votes than people", { upvotes: 1e12 }],
  ["no votes", { upvotes: undefined }],
])("an item with %s is left out, and the others stay", (_, more) => {
  const { entries, items } = parse(
    null,
    7,
    [],
    { paper: "x" },
    dailyItem("2611.00001", 1, more),
    dailyItem("2611.00002", 2),
  );
  expect([items, entries]).toEqual([6, [{ arxivId: "2611.00002", upvotes: 2, ...plain }]]);
});

test.each([
  "javascript:alert(1)",
  "http://ada.example/",
  "https://user@ada.example/",
  `https://ada.example/${"x".repeat(300)}`,
  "https://ada.example/\n",
  7,
  {},
])("%j is the address of no project, and the paper stays", (projectPage) => {
  expect(parse(dailyItem("2611.00001", 1, { projectPage, githubRepo: projectPage })).entries).toEqual([
    { arxivId: "2611.00001", upvotes: 1, ...plain },
  ]);
});

test("what is no list is an error, whatever it is", () => {
  for (const text of ["", "{}", "null", '"x"', "<html>", "[", "[".repeat(100_000)])
    expect(() => parseDailyPage(text)).toThrow(HuggingFaceError);
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (items) => {
      const { entries } = parseDailyPage(JSON.stringify(items));
      expect(entries.length).toBeLessThanOrEqual(items.length);
    }),
  );
});
