import { endpoint } from "#lib/server/api/endpoint.ts";
import { atomFeed } from "#lib/server/feeds/operations.ts";

export const { GET, OPTIONS, fallback } = endpoint(atomFeed);
