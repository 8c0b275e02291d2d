import { endpoint } from "#lib/server/api/endpoint.ts";
import { listPapers } from "#lib/server/api/operations/papers.ts";

export const { GET, OPTIONS, fallback } = endpoint(listPapers);
