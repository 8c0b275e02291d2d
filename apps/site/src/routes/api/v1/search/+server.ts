import { endpoint } from "#lib/server/api/endpoint.ts";
import { searchPapers } from "#lib/server/api/operations/search.ts";

export const { GET, OPTIONS, fallback } = endpoint(searchPapers);
