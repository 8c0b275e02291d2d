import { endpoint } from "#lib/server/api/endpoint.ts";
import { listDays } from "#lib/server/api/operations/site.ts";

export const { GET, OPTIONS, fallback } = endpoint(listDays);
