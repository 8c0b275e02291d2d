import fc from "fast-check";
import { SaxesParser } from "saxes";
import { describe, expect, test } from "vitest";
import { atom } from "./atom.ts";
import { type Feed, type FeedItem, feedUpdated } from "./feed.ts";
import { jsonFeed } from "./json-feed.ts";
import { rss } from "./rss.ts";

const featured = new Date(Date.UTC(2025, 11, 25));

function item(title: string, authors: readonly string[]): FeedItem {
  return {
    id: "tag:localhost,2025:paper:2412.08424",
    url: "http://localhost/papers/2412.08424",
    arxivUrl: "https://arxiv.org/abs/2412.08424",
    title,
    authors,
    html: `<p>${title}</p>`,
    topics: [{ slug: "convex", label: "Convex & more" }],
    published: featured,
    updated: new Date(Date.UTC(2026, 0, 2)),
  };
}

const feed = (items: readonly FeedItem[]): Feed => ({
  id: "tag:localhost,2025:feed:view=new",
  title: "gradus · New papers",
  description: "Papers",
  pageUrl: "http://localhost/papers?a=1&b=2",
  feedUrl: "http://localhost/feed.atom?a=1&b=2",
  items,
});

/** The text of each element of a name, by a parser that knows nothing of ours. */
function texts(xml: string, name: string): string[] {
  const found: string[] = [];
  const open: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name: opened }) => {
    open.push(opened);
    if (opened === name) found.push("");
  });
  parser.on("text", (text) => {
    if (open.at(-1) === name) found[found.length - 1] += text;
  });
  parser.on("closetag", () => void open.pop());
  parser.write(xml).close();
  return found;
}

/** What XML 1.0 can hold of a text. */
const holdable = (text: string) => text.toWellFormed().replace(/[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]/gu, "");
/** White space is not what these tests are about: parsers turn `\r` into `\n`. */
const anything = fc.string({ unit: "binary", minLength: 1 }).map((text) => text.replace(/\r/g, " "));

describe("whatever a title and a name hold, a parser reads them as they were", () => {
  test("in Atom and RSS", () => {
    fc.assert(
      fc.property(anything, anything, (title, name) => {
        const made = feed([item(title, [name, "Ada"])]);
        expect(texts(atom(made), "title")[1]).toBe(holdable(title));
        expect(texts(atom(made), "content")[0]).toBe(holdable(`<p>${title}</p>`));
        expect(texts(atom(made), "name").slice(1)).toEqual([holdable(name), "Ada"]);
        expect(texts(rss(made), "title")[1]).toBe(holdable(title));
        expect(texts(rss(made), "dc:creator")).toEqual([holdable(name), "Ada"]);
      }),
      { seed: 21, numRuns: 300 },
    );
  });
  test("in JSON Feed", () => {
    fc.assert(
      fc.property(anything, (title) => {
        expect(JSON.parse(jsonFeed(feed([item(title, [])]))).items[0].title).toBe(title);
      }),
      { seed: 21, numRuns: 100 },
    );
  });
});

test("a feed is as new as its newest item; an empty one has a date that stays", () => {
  expect(feedUpdated(feed([item("a", [])]))).toEqual(new Date(Date.UTC(2026, 0, 2)));
  expect(feedUpdated(feed([]))).toEqual(new Date(Date.UTC(2025, 0, 1)));
});

test("dates are as each format writes them", () => {
  const made = feed([item("a", [])]);
  expect(texts(atom(made), "published")).toEqual(["2025-12-25T00:00:00.000Z"]);
  expect(texts(atom(made), "updated")).toEqual(["2026-01-02T00:00:00.000Z", "2026-01-02T00:00:00.000Z"]);
  expect(texts(rss(made), "pubDate")).toEqual(["Thu, 25 Dec 2025 00:00:00 GMT"]);
  expect(texts(rss(made), "lastBuildDate")).toEqual(["Fri, 02 Jan 2026 00:00:00 GMT"]);
});
