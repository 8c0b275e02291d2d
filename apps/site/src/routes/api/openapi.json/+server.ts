import { cachedResponse, methodNotAllowed } from "#lib/server/api/endpoint.ts";
import { openapi } from "#lib/server/api/openapi.ts";
import { preflightResponse } from "#lib/server/http/conditional-response.ts";
import type { RequestHandler } from "./$types";

/** The description of the API for programs. */
export const GET: RequestHandler = ({ request, url }) =>
  cachedResponse(request, `openapi ${url.origin}`, async () => ({
    body: JSON.stringify(openapi(url.origin)),
    type: "application/json",
  }));

export const OPTIONS: RequestHandler = () => preflightResponse();

export const fallback: RequestHandler = ({ request, url }) => methodNotAllowed(url.pathname, request.method);
