// A title that arXiv has in TeX is read as text wherever a paper is named.
import { eq } from "drizzle-orm";
import { SaxesParser } from "saxes";
import { afterAll, beforeAll, expect, test } from "vitest";
import { paperResources } from "../api/paper-resource.ts";
import { arrivalPage } from "../curation/arrivals.ts";
import type { Database, Orm } from "../database/connect.ts";
import { migrate } from "../database/migrate.ts";
import { papers, readingMarks, reports, users } from "../database/schema/index.ts";
import { openMigrated } from "../database/testing.ts";
import { atom } from "../feeds/atom.ts";
import { feedItem } from "../feeds/feed.ts";
import { jsonFeed } from "../feeds/json-feed.ts";
import { rss } from "../feeds/rss.ts";
import { ABSTRACTS } from "../papers/abstract/difficult-abstracts-testing.ts";
import { listEntries } from "../papers/list-entries.ts";
import { fullPapers, paperSummaries } from "../papers/listing/paper-rows.ts";
import { listedPapers, paperByArxivId } from "../papers/papers.ts";
import { recordWith } from "../papers/writing/testing.ts";
import { writePapers } from "../papers/writing/write.ts";
import { savedPapers } from "../people/reading-marks.ts";
import { moderatedReports } from "../reports/moderate.ts";
import { digestPapers } from "../subscriptions/digest-papers.ts";
import { paperMarkdown } from "./markdown.ts";
import { paperView } from "./paper-view.ts";
import { rankingView } from "./ranking-view.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const ORIGIN = "https://papers.example.org";
const ID = "2611.00001";
const TITLE = 'H\\"older $\\ell_1$ {\\it Steps} \\& $x^{-1}$ <b>';
const READ = "Hölder ℓ₁ Steps & x⁻¹ <b>";

let database: Database;
let orm: Orm;
let id: number;
let userId: string;
beforeAll(async () => {
  database = await openMigrated();
  ({ orm } = database);
  await migrate(orm);
  await writePapers(orm, [recordWith({ arxivId: ID, title: TITLE, publishedAt: NOW })]);
  [{ id }] = await orm.update(papers).set({ featuredAt: NOW, hot: 1 }).returning({ id: papers.id });
  [{ id: userId }] = await orm
    .insert(users)
    .values({ email: "ada@example.org", emailCanonicalHmac: new Uint8Array(32) })
    .returning({ id: users.id });
  await orm.insert(readingMarks).values({ userId, paperId: id, savedAt: NOW });
  await orm.insert(reports).values({
    ...{ paperId: id, userId, experiment: "steps", profile: "quick", seed: 1, version: "0.1.0" },
    environment: { runtime: "Node 24", platform: "linux x64", cores: 2 },
    ...{ parameters: {}, findings: {}, checks: [], undecided: [], ms: 1 },
    ...{ measuredAt: NOW, hash: new Uint8Array(32) },
  });
});
afterAll(() => database?.close());

const stored = async () => {
  const paper = await paperByArxivId(orm, ID);
  if (!paper) throw new Error(ID);
  return paper;
};
const titles = (rows: readonly { readonly title: string }[]) => rows.map(({ title }) => title);

/** Where a paper is named, and how. */
const PLACES: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  "its page": async () => titles([await paperView(orm, await stored(), NOW)]),
  lists: async () =>
    titles(await listEntries(orm, await listedPapers(orm, [id]), { first: 1, now: NOW, topics: [] })),
  feeds: async () => titles((await paperSummaries(orm, [id])).map((paper) => feedItem(paper, [], ORIGIN))),
  "the API": async () => titles(await paperResources(orm, await fullPapers(orm, [id]), ORIGIN)),
  "saved papers": async () => titles(await savedPapers(orm, userId)),
  "reports for moderators": async () => titles(await moderatedReports(orm)),
  "new papers for moderators": async () => {
    const [{ at }] = await orm.select({ at: papers.createdAt }).from(papers).where(eq(papers.id, id));
    return titles((await arrivalPage(orm, at.toISOString().slice(0, 10), 0)).papers);
  },
  "the ranking": async () => titles((await rankingView({ database, now: () => NOW })).leaders),
  digests: async () => titles([...(await digestPapers()(orm, [id])).values()]),
};

test.each(Object.entries(PLACES))("in %s", async (_, titlesIn) => {
  expect(await titlesIn()).toEqual([READ]);
});

test("in Markdown, where an element is none", async () => {
  const [heading] = (await paperMarkdown(orm, await stored(), ORIGIN)).split("\n");
  expect(heading.replaceAll("\\", "")).toBe(`# ${READ}`);
  expect(heading).toContain("\\<b");
});

/** The text of the elements of a name, by a parser that knows nothing of ours. */
function texts(xml: string, name: string): string[] {
  const found: string[] = [];
  const parser = new SaxesParser();
  let inside = false;
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name: opened }) => {
    inside = opened === name;
    if (inside) found.push("");
  });
  parser.on("text", (text) => {
    if (inside) found[found.length - 1] += text;
  });
  parser.on("closetag", () => {
    inside = false;
  });
  parser.write(xml).close();
  return found;
}

/** Text of HTML without line breaks that mean nothing. */
const shown = (html: string) => texts(`<div>${html}</div>`, "p");

test("feeds have every abstract as its readers see it, in each format", async () => {
  const chosen = ABSTRACTS.map(([abstract, text], i) => ({ arxivId: `2611.${10_000 + i}`, abstract, text }));
  await writePapers(
    orm,
    chosen.map(({ arxivId, abstract }) => recordWith({ arxivId, abstract })),
  );
  const rows = await orm.select({ id: papers.id, arxivId: papers.arxivId }).from(papers);
  const idOf = new Map(rows.map((row) => [row.arxivId, row.id]));
  const ids = chosen.map(({ arxivId }) => idOf.get(arxivId) ?? 0);
  const items = (await paperSummaries(orm, ids)).map((paper) => feedItem(paper, [], ORIGIN));
  const about = { id: "tag:x", title: "New", description: "Papers", pageUrl: ORIGIN, feedUrl: ORIGIN };
  const feed = { ...about, items };
  const json: { items: { content_html: string }[] } = JSON.parse(jsonFeed(feed));
  const formats = {
    rss: texts(rss(feed), "description").slice(1),
    atom: texts(atom(feed), "content"),
    json: json.items.map(({ content_html }) => content_html),
  };
  for (const contents of Object.values(formats))
    expect(contents.map((html) => shown(html).slice(1, -1).join("\n\n"))).toEqual(
      chosen.map(({ text }) => text.trim()),
    );
});
