import { methodNotAllowed } from "#lib/server/api/endpoint.ts";
import { openapi } from "#lib/server/api/openapi.ts";
import { cacheable, preflight } from "#lib/server/api/respond.ts";
import type { RequestHandler } from "./$types";

/** The description of the API for programs. */
export const GET: RequestHandler = ({ request, url }) =>
  cacheable(request, { body: JSON.stringify(openapi(url.origin)), type: "application/json" });

export const OPTIONS: RequestHandler = () => preflight();

export const fallback: RequestHandler = ({ request, url }) => methodNotAllowed(url.pathname, request.method);
