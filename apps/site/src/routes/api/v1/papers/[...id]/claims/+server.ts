import { endpoint } from "#lib/server/api/endpoint.ts";
import { listClaims } from "#lib/server/api/operations/papers.ts";

export const { GET, OPTIONS, fallback } = endpoint(listClaims);
