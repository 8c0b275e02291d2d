import { and } from "drizzle-orm";
import { z } from "zod";
import { decodeCursor, encodeCursor, offsetPosition } from "../../papers/listing/cursor.ts";
import { checkTopics, filterCondition, publishedBetween } from "../../papers/listing/paper-queries.ts";
import { fullPapers } from "../../papers/listing/paper-rows.ts";
import { findPapers, searchSorts } from "../../search/search-results.ts";
import { operation } from "../operation.ts";
import { paperResources } from "../paper-resource.ts";
import { choice, cursor, limit, minVotes, period, runnable, searchText, topic } from "../parameters.ts";
import { searchResultsSchema } from "../schemas.ts";

/** Searches papers. */
export const searchPapers = operation({
  id: "searchPapers",
  tag: "Search",
  path: "/api/v1/search",
  summary: "Search papers",
  description:
    "Full-text, semantic and fuzzy title search combined; what is less related to the query is left out. An arXiv identifier or the URL of a paper's page finds that paper.",
  statuses: [400],
  parameters: {
    path: z.object({}),
    query: z.object({
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
  result: { type: "application/json", schema: searchResultsSchema },
  async handle({ site, url, query }) {
    const { orm } = site.database;
    await checkTopics(orm, query.topic);
    const [offset] = query.cursor === undefined ? [0] : decodeCursor(query.cursor, offsetPosition);
    const condition = and(filterCondition(query), publishedBetween(query.from, query.to));
    const model = await site.model();
    const { result, total, ids } = await findPapers(orm, { text: query.q, model }, condition, {
      ...query,
      offset,
    });
    const end = offset + ids.length;
    return {
      // Searching ends in time, with fewer papers where much else goes on.
      shortLived: true,
      body: {
        query: result.text,
        papers: await paperResources(orm, await fullPapers(orm, ids), url.origin),
        total,
        next_cursor: end < total && ids.length > 0 ? encodeCursor([end]) : null,
        identifier: result.identifier?.arxivId ?? null,
        suggestions: [...result.suggestions],
      },
    };
  },
});
