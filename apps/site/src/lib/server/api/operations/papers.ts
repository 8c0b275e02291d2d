import { createRoute, z } from "@hono/zod-openapi";
import { and, asc, eq } from "drizzle-orm";
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
import { shownAsRelated } from "../../papers/shown-as-related.ts";
import { answer, json, text } from "../answer.ts";
import { newApi } from "../context.ts";
import { paperResources, requirePaper } from "../paper-resource.ts";
import {
  arxivIdParameter,
  choice,
  cursor,
  limit,
  minVotes,
  period,
  query,
  runnable,
  topic,
} from "../parameters.ts";
import { responses } from "../responses.ts";
import { claimsSchema, paperSchema, papersSchema, relatedSchema } from "../schemas.ts";

const named = z.object({ id: arxivIdParameter });
/** The lengths of lists: counting reads every paper, and each page of a list states the length. */
const totals = versionedMemo<number>();

/** A list of featured papers. */
const listPapers = createRoute({
  method: "get",
  path: "/api/v1/papers",
  operationId: "listPapers",
  tags: ["Papers"],
  summary: "List papers",
  description:
    "Featured papers, optionally of one day, week or month. Follow `next_cursor` for more; papers featured in the " +
    "meantime cause no duplicates or gaps.",
  request: {
    query: query({
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
  responses: responses({ schema: papersSchema }, { statuses: [400] }),
});

/** A paper. */
const getPaper = createRoute({
  method: "get",
  path: "/api/v1/papers/{id}",
  operationId: "getPaper",
  tags: ["Papers"],
  summary: "Get a paper",
  description: "A paper with its abstract, topics, votes and claim counts.",
  request: { params: named },
  responses: responses({ schema: paperSchema }, { statuses: [404] }),
});

/** The papers near a paper. */
const listRelated = createRoute({
  method: "get",
  path: "/api/v1/papers/{id}/related",
  operationId: "listRelated",
  tags: ["Papers"],
  summary: "List related papers",
  description: "Up to five papers with the most similar abstracts, by the embeddings that search uses.",
  request: { params: named },
  responses: responses({ schema: relatedSchema }, { statuses: [404] }),
});

/** The claims of a paper. */
const listClaims = createRoute({
  method: "get",
  path: "/api/v1/papers/{id}/claims",
  operationId: "listClaims",
  tags: ["Papers"],
  summary: "List a paper's claims",
  description:
    "The paper's claims with their pass conditions and official measurements: the latest of each experiment on each platform.",
  request: { params: named },
  responses: responses({ schema: claimsSchema }, { statuses: [404] }),
});

/** A paper's BibTeX. */
const getBibtex = createRoute({
  method: "get",
  path: "/api/v1/papers/{id}/bibtex",
  operationId: "getBibtex",
  tags: ["Papers"],
  summary: "Cite a paper",
  description: "The paper as a BibTeX entry in UTF-8. Citation keys are unique on this site.",
  request: { params: named },
  responses: responses(
    {
      type: "application/x-bibtex",
      words: "An entry `@misc` with title, authors, year, eprint and DOI.",
    },
    { statuses: [404] },
  ),
});

/** Papers, their claims and citations. */
export const papersApi = newApi()
  .openapi(listPapers, (context) =>
    answer(context, async ({ site, url, version }) => {
      const asked = context.req.valid("query");
      const { orm } = site.database;
      await checkTopics(orm, asked.topic);
      const range = requestedDays(asked, dayOf(site.now()));
      const sort = asked.sort ?? (range.first === undefined ? "new" : "top");
      const condition = and(featured(range), filterCondition(asked));
      const list = JSON.stringify([range, asked.topic.toSorted(), asked.runnable, asked.min_votes]);
      const total = await totals(version, list, () => countMatching(orm, condition));
      const { papers, next } = await listFromCursor(orm, condition, { ...asked, sort });
      const body = { papers: await paperResources(orm, papers, url.origin), total, next_cursor: next };
      if (next === null) return json(papersSchema, body);
      const rest = new URL(url);
      rest.searchParams.set("cursor", next);
      return json(papersSchema, body, { headers: { Link: `<${rest.href}>; rel="next"` } });
    }),
  )
  .openapi(getPaper, (context) =>
    answer(context, async ({ site, url }) => {
      const { orm } = site.database;
      const { id } = await requirePaper(orm, context.req.valid("param").id);
      const [body] = await paperResources(orm, await fullPapers(orm, [id]), url.origin);
      return json(paperSchema, body);
    }),
  )
  .openapi(listRelated, (context) =>
    answer(context, async ({ site, url }) => {
      const { orm } = site.database;
      const { id } = await requirePaper(orm, context.req.valid("param").id);
      const near = await orm
        .select({ id: relatedPapers.relatedId, cosine: relatedPapers.cosine })
        .from(relatedPapers)
        .innerJoin(stored, shownAsRelated)
        .where(eq(relatedPapers.paperId, id))
        .orderBy(asc(relatedPapers.rank));
      const cosines = new Map(near.map((row) => [row.id, row.cosine]));
      const papers = await fullPapers(
        orm,
        near.map((row) => row.id),
      );
      const resources = await paperResources(orm, papers, url.origin);
      const related = resources.map((paper, i) => ({ cosine: cosines.get(papers[i].id) ?? 0, paper }));
      return json(relatedSchema, { related });
    }),
  )
  .openapi(listClaims, (context) =>
    answer(context, async ({ site }) => {
      const { orm } = site.database;
      const { id } = await requirePaper(orm, context.req.valid("param").id);
      return json(claimsSchema, { claims: await measuredClaims(orm, id) });
    }),
  )
  .openapi(getBibtex, (context) =>
    answer(context, async ({ site }) => {
      const { orm } = site.database;
      const paper = await requirePaper(orm, context.req.valid("param").id);
      return text("application/x-bibtex", await citation(orm, paper));
    }),
  );
