import { fromMemory, methodNotAllowed } from "#lib/server/api/endpoint.ts";
import { openapi } from "#lib/server/api/openapi.ts";
import { preflight } from "#lib/server/api/respond.ts";
import type { RequestHandler } from "./$types";

/** The description of the API for programs. */
export const GET: RequestHandler = ({ request, url }) =>
  fromMemory(request, `openapi ${url.origin}`, async () => ({
    body: JSON.stringify(openapi(url.origin)),
    type: "application/json",
  }));

export const OPTIONS: RequestHandler = () => preflight();

export const fallback: RequestHandler = ({ request, url }) => methodNotAllowed(url.pathname, request.method);
