import { endpoint } from "#lib/server/api/endpoint.ts";
import { getMarkdown } from "#lib/server/api/operations/markdown.ts";

export const { GET, OPTIONS, fallback } = endpoint(getMarkdown);
