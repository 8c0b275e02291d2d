import { and, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { dayOf } from "#lib/days.ts";
import { papers, users } from "../../database/schema/index.ts";
import { listFromOffset, requestedDays } from "../../papers/listing/paper-queries.ts";
import { paperSummaries } from "../../papers/listing/paper-rows.ts";
import { featured } from "../../papers/listing/query.ts";
import { findPapers } from "../../search/search-results.ts";
import { operation } from "../operation.ts";
import { requirePaper } from "../paper-resource.ts";
import { arxivIdParameter, choice, integerParameter, optionalSearchText, period } from "../parameters.ts";
import { dailyPapers, paperInfo } from "./resource.ts";
import { dailyPapersSchema, paperInfoSchema } from "./schemas.ts";

const tag = "Compatible with Hugging Face";

/** The daily papers. */
export const listDailyPapers = operation({
  id: "listDailyPapers",
  tag,
  path: "/api/daily_papers",
  summary: "List daily papers",
  description:
    "Featured papers in the format of `huggingface_hub`. A page past the end, or a day without papers, is an empty array.",
  statuses: [400],
  parameters: {
    path: z.object({}),
    query: z.object({
      date: period("date", "day", "UTC day on which the paper was featured.").optional(),
      week: period("week", "week", "ISO week in which the paper was featured.").optional(),
      month: period("month", "month", "Month in which the paper was featured.").optional(),
      submitter: z
        .string()
        .regex(/^\P{Cc}{1,100}$/u, { error: "“submitter” must be a name of 1 to 100 characters." })
        .optional()
        .meta({ description: "Name of the submitter." }),
      sort: choice("sort", ["publishedAt", "trending"])
        .default("publishedAt")
        .meta({ description: "`publishedAt` (by the time the paper was featured) or `trending`." }),
      p: integerParameter("p", 0, 10_000).default(0).meta({ description: "Page number, starting at 0." }),
      limit: integerParameter("limit", 1, 100)
        .default(50)
        .meta({ description: "Papers per page.", examples: [3] }),
    }),
  },
  result: { type: "application/json", schema: dailyPapersSchema },
  async handle({ site, url, query }) {
    const { orm } = site.database;
    const { submitter, p, limit } = query;
    const sort = query.sort === "trending" ? "trending" : "new";
    const condition = and(
      featured(requestedDays(query, dayOf(site.now()))),
      submitter === undefined
        ? undefined
        : inArray(
            papers.submittedBy,
            sql`(select ${users.id} from ${users} where ${users.name} = ${submitter})`,
          ),
    );
    const listed = await listFromOffset(orm, condition, { sort, limit, offset: p * limit });
    return { body: await dailyPapers(orm, listed, url.origin) };
  },
});

/** A search as Hugging Face has it. */
export const searchDailyPapers = operation({
  id: "searchDailyPapers",
  tag,
  path: "/api/papers/search",
  summary: "Search papers",
  description:
    "This site's search, with results in the format of the daily papers. An empty query, or a page past the end, is an empty array.",
  statuses: [400],
  parameters: {
    path: z.object({}),
    query: z.object({
      q: optionalSearchText,
      sort: choice("sort", ["relevance", "publishedAt", "trending"])
        .default("relevance")
        .meta({ description: "`relevance`, `publishedAt` (newest first) or `trending`." }),
      p: integerParameter("p", 0, 10_000).default(0).meta({ description: "Page number, starting at 0." }),
      limit: integerParameter("limit", 1, 120)
        .default(120)
        .meta({ description: "Papers per page.", examples: [3] }),
    }),
  },
  result: { type: "application/json", schema: dailyPapersSchema },
  async handle({ site, url, query }) {
    const { orm } = site.database;
    const model = await site.model();
    const { limit, p } = query;
    const sort = query.sort === "publishedAt" ? "new" : query.sort;
    const offset = p * limit;
    const { ids } = await findPapers(orm, { text: query.q, model }, undefined, { sort, offset, limit });
    // Searching ends in time, with fewer papers where much else goes on.
    return { body: await dailyPapers(orm, await paperSummaries(orm, ids), url.origin), shortLived: true };
  },
});

/** A paper as Hugging Face has it. */
export const getPaperInfo = operation({
  id: "getPaperInfo",
  tag,
  path: "/api/papers/{id}",
  summary: "Get a paper",
  description:
    "A paper in the format of `huggingface_hub`. Repositories are not linked: their arrays are empty.",
  statuses: [404],
  parameters: { path: z.object({ id: arxivIdParameter }), query: z.object({}) },
  result: { type: "application/json", schema: paperInfoSchema },
  async handle({ site, url, path }) {
    const { orm } = site.database;
    return { body: await paperInfo(orm, await requirePaper(orm, path.id), url.origin) };
  },
});
