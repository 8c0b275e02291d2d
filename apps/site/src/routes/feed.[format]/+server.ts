import { respond } from "#lib/server/api/respond.ts";
import type { RequestHandler } from "./$types";

/** The feeds, by whatever method. */
export const fallback: RequestHandler = (event) => respond(event);
