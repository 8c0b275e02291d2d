import { respond } from "#lib/server/api/respond.ts";
import type { RequestHandler } from "./$types";

/** A paper as Markdown, by whatever method. */
export const fallback: RequestHandler = (event) => respond(event);
