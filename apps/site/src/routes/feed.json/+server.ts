import { endpoint } from "#lib/server/api/endpoint.ts";
import { jsonFeedOperation } from "#lib/server/api/operations/feeds.ts";

export const { GET, OPTIONS, fallback } = endpoint(jsonFeedOperation);
