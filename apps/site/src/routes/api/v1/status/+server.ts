import { endpoint } from "#lib/server/api/endpoint.ts";
import { getStatus } from "#lib/server/api/operations/site.ts";

export const { GET, OPTIONS, fallback } = endpoint(getStatus);
