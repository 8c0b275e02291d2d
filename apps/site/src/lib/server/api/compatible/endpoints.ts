import { createRoute, z } from "@hono/zod-openapi";
import { and, inArray, sql } from "drizzle-orm";
import { dayOf } from "#lib/days.ts";
import { papers, users } from "../../database/schema/index.ts";
import { listFromOffset, requestedDays } from "../../papers/listing/paper-queries.ts";
import { paperSummaries } from "../../papers/listing/paper-rows.ts";
import { featured } from "../../papers/listing/query.ts";
import { foundField } from "../../search/logged-search.ts";
import { findPapers } from "../../search/search-results.ts";
import { answer, json } from "../answer.ts";
import { newApi } from "../context.ts";
import { requirePaper } from "../paper-resource.ts";
import {
  arxivIdParameter,
  choice,
  integerParameter,
  optionalSearchText,
  period,
  query,
} from "../parameters.ts";
import { responses } from "../responses.ts";
import { dailyPapers, paperInfo } from "./resource.ts";
import { dailyPapersSchema, paperInfoSchema } from "./schemas.ts";

const tag = "Compatible with Hugging Face";

/** The daily papers. */
const listDailyPapers = createRoute({
  method: "get",
  path: "/api/daily_papers",
  operationId: "listDailyPapers",
  tags: [tag],
  summary: "List daily papers",
  description:
    "Featured papers in the format of `huggingface_hub`. A page past the end, or a day without papers, is an empty array.",
  request: {
    query: query({
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
  responses: responses({ schema: dailyPapersSchema }, { statuses: [400], compatible: true }),
});

/** A search as Hugging Face has it. */
const searchDailyPapers = createRoute({
  method: "get",
  path: "/api/papers/search",
  operationId: "searchDailyPapers",
  tags: [tag],
  summary: "Search papers",
  description:
    "This site's search, with results in the format of the daily papers. An empty query, or a page past the end, is an empty array.",
  request: {
    query: query({
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
  responses: responses({ schema: dailyPapersSchema }, { statuses: [400], compatible: true }),
});

/** A paper as Hugging Face has it. */
const getPaperInfo = createRoute({
  method: "get",
  path: "/api/papers/{id}",
  operationId: "getPaperInfo",
  tags: [tag],
  summary: "Get a paper",
  description:
    "A paper in the format of `huggingface_hub`. Repositories are not linked: their arrays are empty.",
  request: { params: z.object({ id: arxivIdParameter }) },
  responses: responses({ schema: paperInfoSchema }, { statuses: [404], compatible: true }),
});

/** The endpoints of Hugging Face's daily papers. */
export const compatibleApi = newApi()
  .openapi(listDailyPapers, (context) =>
    answer(context, async ({ site, url }) => {
      const asked = context.req.valid("query");
      const { orm } = site.database;
      const { submitter, p, limit } = asked;
      const sort = asked.sort === "trending" ? "trending" : "new";
      const condition = and(
        featured(requestedDays(asked, dayOf(site.now()))),
        submitter === undefined
          ? undefined
          : inArray(
              papers.submittedBy,
              sql`(select ${users.id} from ${users} where ${users.name} = ${submitter})`,
            ),
      );
      const listed = await listFromOffset(orm, condition, { sort, limit, offset: p * limit });
      return json(dailyPapersSchema, await dailyPapers(orm, listed, url.origin));
    }),
  )
  .openapi(searchDailyPapers, (context) =>
    answer(context, async ({ site, url }) => {
      const asked = context.req.valid("query");
      const { orm } = site.database;
      const model = await site.model();
      const { limit, p } = asked;
      const sort = asked.sort === "publishedAt" ? "new" : asked.sort;
      const offset = p * limit;
      const { ids, total } = await findPapers(orm, { text: asked.q, model }, undefined, {
        sort,
        offset,
        limit,
      });
      // Searching ends in time, with fewer papers where much else goes on.
      return json(dailyPapersSchema, await dailyPapers(orm, await paperSummaries(orm, ids), url.origin), {
        shortLived: true,
        headers: foundField(total),
      });
    }),
  )
  .openapi(getPaperInfo, (context) =>
    answer(context, async ({ site, url }) => {
      const { orm } = site.database;
      const paper = await requirePaper(orm, context.req.valid("param").id);
      return json(paperInfoSchema, await paperInfo(orm, paper, url.origin));
    }),
  );
