import { endpoint } from "#lib/server/api/endpoint.ts";
import { atomFeed } from "#lib/server/feeds/endpoints.ts";

export const { GET, OPTIONS, fallback } = endpoint(atomFeed);
