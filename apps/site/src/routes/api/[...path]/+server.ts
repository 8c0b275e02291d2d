import { respond } from "#lib/server/api/respond.ts";
import type { RequestHandler } from "./$types";

/** Everything below `/api`, by whatever method. */
export const fallback: RequestHandler = (event) => respond(event);
