import { getPaperInfo, listDailyPapers, searchDailyPapers } from "../compatible/endpoints.ts";
import type { Operation } from "../operation.ts";
import { atomFeed, jsonFeedOperation, rssFeed } from "./feeds.ts";
import { getMarkdown } from "./markdown.ts";
import { getBibtex, getPaper, listClaims, listPapers, listRelated } from "./papers.ts";
import { searchPapers } from "./search.ts";
import { getStatus, listDays, listExperiments, listTopics } from "./site.ts";

/** Everything that the API does, in the order of its documentation. */
export const operations: readonly Operation[] = [
  listPapers,
  getPaper,
  listRelated,
  listClaims,
  getBibtex,
  listDays,
  listExperiments,
  searchPapers,
  listTopics,
  getStatus,
  atomFeed,
  rssFeed,
  jsonFeedOperation,
  listDailyPapers,
  searchDailyPapers,
  getPaperInfo,
  getMarkdown,
];

/** The operation that a route answers, by the route's pattern. */
export function operationOfRoute(id: string | null): Operation | undefined {
  const path = id?.replace(/\[(?:\.\.\.)?(\w+)\]/g, "{$1}");
  return operations.find((operation) => operation.path === path);
}
