import { createRoute } from "@hono/zod-openapi";
import { and } from "drizzle-orm";
import { decodeCursor, encodeCursor, offsetPosition } from "../../papers/listing/cursor.ts";
import { checkTopics, filterCondition, publishedBetween } from "../../papers/listing/paper-queries.ts";
import { fullPapers } from "../../papers/listing/paper-rows.ts";
import { foundField } from "../../search/logged-search.ts";
import { findPapers, searchSorts } from "../../search/search-results.ts";
import { answer, json } from "../answer.ts";
import { newApi } from "../context.ts";
import { paperResources } from "../paper-resource.ts";
import {
  choice,
  cursor,
  limit,
  minVotes,
  period,
  query,
  runnable,
  searchText,
  topic,
} from "../parameters.ts";
import { responses } from "../responses.ts";
import { searchResultsSchema } from "../schemas.ts";

/** Searches papers. */
const searchPapers = createRoute({
  method: "get",
  path: "/api/v1/search",
  operationId: "searchPapers",
  tags: ["Search"],
  summary: "Search papers",
  description:
    "Full-text, semantic and fuzzy title search combined; what is less related to the query is left out. An arXiv identifier or the URL of a paper's page finds that paper.",
  request: {
    query: query({
      q: searchText,
      sort: choice("sort", searchSorts)
        .default("relevance")
        .meta({ description: "`relevance`, `trending`, or `new` (by publication date)." }),
      topic,
      runnable,
      min_votes: minVotes,
      from: period("from", "day", "First day of publication.").optional(),
      to: period("to", "day", "Last day of publication.").optional(),
      limit,
      cursor,
    }),
  },
  responses: responses({ schema: searchResultsSchema }, { statuses: [400] }),
});

/** The search. */
export const searchApi = newApi().openapi(searchPapers, (context) =>
  answer(context, async ({ site, url }) => {
    const asked = context.req.valid("query");
    const { orm } = site.database;
    await checkTopics(orm, asked.topic);
    const [offset] = asked.cursor === undefined ? [0] : decodeCursor(asked.cursor, offsetPosition);
    const condition = and(filterCondition(asked), publishedBetween(asked.from, asked.to));
    const model = await site.model();
    const { result, total, ids } = await findPapers(orm, { text: asked.q, model }, condition, {
      ...asked,
      offset,
    });
    const end = offset + ids.length;
    const body = {
      query: result.text,
      papers: await paperResources(orm, await fullPapers(orm, ids), url.origin),
      total,
      next_cursor: end < total && ids.length > 0 ? encodeCursor([end]) : null,
      identifier: result.identifier?.arxivId ?? null,
      suggestions: [...result.suggestions],
    };
    // Searching ends in time, with fewer papers where much else goes on.
    return json(searchResultsSchema, body, { shortLived: true, headers: foundField(total) });
  }),
);
