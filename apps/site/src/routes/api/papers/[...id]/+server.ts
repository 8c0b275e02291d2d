import { getPaperInfo } from "#lib/server/api/compatible/endpoints.ts";
import { endpoint } from "#lib/server/api/endpoint.ts";

export const { GET, OPTIONS, fallback } = endpoint(getPaperInfo);
