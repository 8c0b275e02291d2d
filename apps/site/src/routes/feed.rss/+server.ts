import { endpoint } from "#lib/server/api/endpoint.ts";
import { rssFeed } from "#lib/server/api/operations/feeds.ts";

export const { GET, OPTIONS, fallback } = endpoint(rssFeed);
