import { problemResponse } from "#lib/server/api/endpoint.ts";
import { preflightResponse } from "#lib/server/http/conditional-response.ts";
import { Problem } from "#lib/server/http/problem.ts";
import type { RequestHandler } from "./$types";

/** A page of another site is told so, too: its browser asks first whether the page may read what follows. */
export const OPTIONS: RequestHandler = () => preflightResponse();

/** What no other route of the API answers. */
export const fallback: RequestHandler = ({ url }) =>
  problemResponse(
    new Problem("not_found", `${url.pathname.slice(0, 100)} does not exist; see /api/openapi.json.`),
  );
