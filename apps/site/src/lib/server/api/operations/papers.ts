import { and, asc, eq } from "drizzle-orm";
import { z } from "zod";
import { dayOf } from "#lib/days.ts";
import { versionedMemo } from "../../cache/versioned-memo.ts";
import { relatedPapers, papers as stored } from "../../database/schema/index.ts";
import { citation } from "../../papers/citation.ts";
import {
  checkTopics,
  countMatching,
  filterCondition,
  listFromCursor,
  requestedDays,
} from "../../papers/listing/paper-queries.ts";
import { fullPapers } from "../../papers/listing/paper-rows.ts";
import { featured } from "../../papers/listing/query.ts";
import { measuredClaims } from "../../papers/measurements/claim-measurements.ts";
import { operation } from "../operation.ts";
import { paperResources, requirePaper } from "../paper-resource.ts";
import { arxivIdParameter, choice, cursor, limit, minVotes, period, runnable, topic } from "../parameters.ts";
import { claimsSchema, paperSchema, papersSchema, relatedSchema } from "../schemas.ts";

const named = z.object({ id: arxivIdParameter });
const nothing = z.object({});
/** The lengths of lists: counting reads every paper, and each part of a list tells of its length. */
const totals = versionedMemo<number>();

/** A list of featured papers. */
export const listPapers = operation({
  id: "listPapers",
  tag: "Papers",
  path: "/api/v1/papers",
  summary: "List papers",
  description:
    "Featured papers, optionally of one day, week or month. Follow `next_cursor` for more; papers featured in the " +
    "meantime cause no duplicates or gaps.",
  statuses: [400],
  parameters: {
    path: nothing,
    query: z.object({
      date: period("date", "day", "UTC day on which the paper was featured.").optional(),
      week: period("week", "week", "ISO week in which the paper was featured.").optional(),
      month: period("month", "month", "Month in which the paper was featured.").optional(),
      sort: choice("sort", ["top", "trending", "new"]).optional().meta({
        description:
          "`top`: by votes (default with a date, week or month); `trending`: by votes with a half-life of 48 hours; `new`: by the time the paper was featured (default otherwise).",
      }),
      topic,
      runnable,
      min_votes: minVotes,
      limit,
      cursor,
    }),
  },
  result: { type: "application/json", schema: papersSchema },
  async handle({ site, url, query, version }) {
    const { orm } = site.database;
    await checkTopics(orm, query.topic);
    const range = requestedDays(query, dayOf(site.now()));
    const sort = query.sort ?? (range.first === undefined ? "new" : "top");
    const condition = and(featured(range), filterCondition(query));
    const list = JSON.stringify([range, query.topic.toSorted(), query.runnable, query.min_votes]);
    const total = await totals(version, list, () => countMatching(orm, condition));
    const { papers, next } = await listFromCursor(orm, condition, { ...query, sort });
    const body = { papers: await paperResources(orm, papers, url.origin), total, next_cursor: next };
    if (next === null) return { body };
    const rest = new URL(url);
    rest.searchParams.set("cursor", next);
    return { body, headers: { Link: `<${rest.href}>; rel="next"` } };
  },
});

/** A paper. */
export const getPaper = operation({
  id: "getPaper",
  tag: "Papers",
  path: "/api/v1/papers/{id}",
  summary: "Get a paper",
  description: "A paper with its abstract, topics, votes and claim counts.",
  statuses: [404],
  parameters: { path: named, query: nothing },
  result: { type: "application/json", schema: paperSchema },
  async handle({ site, url, path }) {
    const { orm } = site.database;
    const { id } = await requirePaper(orm, path.id);
    const [body] = await paperResources(orm, await fullPapers(orm, [id]), url.origin);
    return { body };
  },
});

/** The papers near a paper. */
export const listRelated = operation({
  id: "listRelated",
  tag: "Papers",
  path: "/api/v1/papers/{id}/related",
  summary: "List related papers",
  description: "Up to five papers with the most similar abstracts, by the embeddings that search uses.",
  statuses: [404],
  parameters: { path: named, query: nothing },
  result: { type: "application/json", schema: relatedSchema },
  async handle({ site, url, path }) {
    const { orm } = site.database;
    const { id } = await requirePaper(orm, path.id);
    const near = await orm
      .select({ id: relatedPapers.relatedId, cosine: relatedPapers.cosine })
      .from(relatedPapers)
      .innerJoin(stored, and(eq(stored.id, relatedPapers.relatedId), eq(stored.hidden, false)))
      .where(eq(relatedPapers.paperId, id))
      .orderBy(asc(relatedPapers.rank));
    const cosines = new Map(near.map((row) => [row.id, row.cosine]));
    const papers = await fullPapers(
      orm,
      near.map((row) => row.id),
    );
    const resources = await paperResources(orm, papers, url.origin);
    const related = resources.map((paper, i) => ({ cosine: cosines.get(papers[i].id) ?? 0, paper }));
    return { body: { related } };
  },
});

/** The claims of a paper. */
export const listClaims = operation({
  id: "listClaims",
  tag: "Papers",
  path: "/api/v1/papers/{id}/claims",
  summary: "List a paper's claims",
  description:
    "The paper's claims with their pass conditions and official measurements: the latest of each experiment on each platform.",
  statuses: [404],
  parameters: { path: named, query: nothing },
  result: { type: "application/json", schema: claimsSchema },
  async handle({ site, path }) {
    const { orm } = site.database;
    const { id } = await requirePaper(orm, path.id);
    return { body: { claims: await measuredClaims(orm, id) } };
  },
});

/** A paper's BibTeX. */
export const getBibtex = operation({
  id: "getBibtex",
  tag: "Papers",
  path: "/api/v1/papers/{id}/bibtex",
  summary: "Cite a paper",
  description: "The paper as a BibTeX entry in UTF-8. Citation keys are unique on this site.",
  statuses: [404],
  parameters: { path: named, query: nothing },
  result: {
    type: "application/x-bibtex",
    words: "An entry `@misc` with title, authors, year, eprint and DOI.",
  },
  async handle({ site, path }) {
    const { orm } = site.database;
    return { body: await citation(orm, await requirePaper(orm, path.id)) };
  },
});
