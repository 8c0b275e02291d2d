import { getPaperInfo } from "#lib/server/api/compatible/operations.ts";
import { endpoint } from "#lib/server/api/endpoint.ts";

export const { GET, OPTIONS, fallback } = endpoint(getPaperInfo);
